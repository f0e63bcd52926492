import * as v from 'valibot';
import type { Deps } from '../app.ts';
import type { Metrics } from '../observe/metrics.ts';

type Routing = NonNullable<Deps['routing']>;

/** OSRM's answer, as far as it matters: https://project-osrm.org/docs/v26.4.0/http#route-service */
const Answer = v.object({
  code: v.string(),
  routes: v.optional(v.array(v.object({ duration: v.pipe(v.number(), v.finite(), v.minValue(0)) })), []),
});
const ABOUT_THE_WAY = [400, 404, 413, 422];
const NO_ROAD = ['NoRoute', 'NoSegment'];

/** Asks a service that speaks OSRM's form. No error tells the address: it may hold a key, and says where customers live. */
export const createRouting =
  (url: string, counted: Metrics['routed']): Routing =>
  async (from, to, signal) => {
    const address = url
      .replaceAll('{from_lat}', String(from.lat))
      .replaceAll('{from_lng}', String(from.lng))
      .replaceAll('{to_lat}', String(to.lat))
      .replaceAll('{to_lng}', String(to.lng));
    try {
      const seconds = await durationOf(await fetch(address, { signal }));
      counted(seconds === null ? 'no_road' : 'measured');
      return seconds;
    } catch (error) {
      counted('failed');
      throw new Error(`the routing service: ${error instanceof Refused ? error.message : nameOf(error)}`);
    }
  };

class Refused extends Error {}

const durationOf = async (response: Response): Promise<number | null> => {
  const answer = v.safeParse(Answer, await response.json().catch(() => undefined));
  if (answer.success && NO_ROAD.includes(answer.output.code)) return null;
  // This way is not to be had, whatever it is about it; the service is there.
  if (ABOUT_THE_WAY.includes(response.status)) return null;
  if (!response.ok) throw new Refused(`status ${response.status}`);
  const seconds = answer.success ? answer.output.routes[0]?.duration : undefined;
  if (seconds === undefined) throw new Refused('an answer without routes[0].duration');
  return seconds;
};

const nameOf = (error: unknown): string =>
  error instanceof Error ? String(('code' in error && error.code) || error.name) : 'unknown';
