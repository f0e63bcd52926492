import { Hono } from 'hono';
import * as v from 'valibot';
import manifest from '../../../package.json' with { type: 'json' };
import { fail } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answer } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { count, text } from '../../shapes/parts.ts';

const Health = v.strictObject({
  status: v.literal('ok'),
  database: v.literal('up'),
  uptime_s: count(),
  version: text(),
});

type Process = { isReady(): boolean; isDraining(): boolean };
type HealthDeps = { probe(): Promise<boolean>; process: Process };

/** /health and /health/ready ask the database through its reserved connection; /health/live only that we run. */
export const health = ({ probe, process: self }: HealthDeps) =>
  new Hono<Env>()
    .get(
      '/',
      accept({ summary: 'Tells whether the server and its database are well', answers: Health }),
      async (c) => {
        await assertDatabase(probe);
        const uptimeS = Math.floor(process.uptime());
        return answer(c, { status: 'ok', database: 'up', uptime_s: uptimeS, version: manifest.version });
      },
    )
    .get(
      '/live',
      accept({
        summary: 'Tells whether this process runs',
        answers: v.strictObject({ status: v.literal('ok') }),
      }),
      (c) => answer(c, { status: 'ok' }),
    )
    .get(
      '/ready',
      accept({
        summary: 'Tells whether this process takes new work',
        answers: v.strictObject({ status: v.literal('ready') }),
        refuses: ['server.draining'],
      }),
      async (c) => {
        if (self.isDraining() || !self.isReady()) {
          throw fail('server.draining', 'This process takes no new work. Ask another one.', {
            retryAfterS: 1,
          });
        }
        await assertDatabase(probe);
        return answer(c, { status: 'ready' });
      },
    );

const assertDatabase = async (probe: () => Promise<boolean>): Promise<void> => {
  if (await probe()) return;
  throw fail('database.unavailable', 'Database connection failed', { retryAfterS: 1 });
};
