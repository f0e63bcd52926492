import { appendFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { Refusal, refuse } from '../process/refusal.ts';
import { listenForSignals, type Signals } from '../process/signals.ts';
import { newId } from '../values/id.ts';
import { type Ground, prepare } from './validate/ground.ts';
import { beginStep, type Step } from './validate/load.ts';
import { type LoginVariables, readLogin } from './validate/login.ts';
import { judge, percent } from './validate/objectives.ts';
import { type Outcome, shown } from './validate/outcome.ts';
import { withProgress } from './validate/progress.ts';
import { reportPage } from './validate/report.ts';
import { logIn, type Session } from './validate/session.ts';
import { HELP, type Plan, readValidateWords } from './validate/words.ts';

type Streams = { say: (line: string) => void; print: (line: string) => void };

const INTERRUPTED = 130;

/** Gives the exit code: 0 objectives met, 1 not met, 2 wrong usage or no login, 130 stopped by Ctrl-C. */
export const runValidate = async (
  config: Config,
  { say, print, variables }: Streams & { variables: LoginVariables },
  rest: readonly string[],
): Promise<number> => {
  const words = readValidateWords(rest, config.port);
  if (words.kind === 'help') {
    print(HELP);
    return 0;
  }
  if (words.kind === 'fault') {
    say(`${words.fault}\n\n${HELP}`);
    return 2;
  }
  const { plan } = words;
  const signals = listenForSignals();
  try {
    const session = await logIn(plan.address, readLogin(plan, variables, config.dataDir));
    // Before the measurement, which would be lost.
    if (plan.html !== undefined) await assertWritable(plan.html);
    const outcome = await measure(plan, { session, signals, say });
    print(plan.json ? JSON.stringify(outcome, null, 2) : shown(outcome));
    if (plan.html !== undefined) {
      await Bun.write(plan.html, reportPage(outcome));
      say(`wrote ${plan.html}`);
    }
    return outcome.verdict === null ? INTERRUPTED : outcome.verdict.passed ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(error.message);
    return signals.isAsked() ? INTERRUPTED : 2;
  }
};

const assertWritable = (path: string): Promise<void> =>
  appendFile(path, '').catch((error: unknown) => {
    throw refuse(`${path} cannot be written.`, error);
  });

type Means = { session: Session; signals: Signals; say: (line: string) => void };

const measure = async (plan: Plan, means: Means): Promise<Outcome> => {
  const { session, signals, say } = means;
  const began_at = Temporal.Now.instant().toString();
  say(`${plan.address}: ${plan.users.join(', ')} users, ${plan.seconds} s each`);
  const run = newId();
  const ground = await prepare(session, run, plan.writes);
  signals.onSecond(() => {
    if (ground.bookings !== undefined) say(`left behind: bookings with the note "Load validation ${run}"`);
  });
  const steps = await takeSteps(plan, ground, means);
  const left_behind = await cleanUp(ground, means);
  const { address, seconds, thinkMs, timeoutMs } = plan;
  return {
    ...{ run, address, began_at, ended_at: Temporal.Now.instant().toString() },
    ...{ seconds_per_step: seconds, think_ms: thinkMs, timeout_ms: timeoutMs },
    is_interrupted: signals.isAsked(),
    steps,
    verdict: signals.isAsked() ? null : judge(steps),
    remarks: ground.remarks,
    left_behind,
  };
};

const takeSteps = async (plan: Plan, { kinds }: Ground, means: Means): Promise<Step[]> => {
  const { session, signals, say } = means;
  const steps: Step[] = [];
  for (const users of plan.users) {
    if (signals.isAsked()) break;
    await session.renew();
    const step = beginStep({ ...plan, users, kinds, isStopped: signals.isAsked });
    steps.push(await withProgress(say, () => standOf(step.snapshot(), plan.seconds), step.result));
  }
  return steps.filter(({ all }) => all.requests > 0);
};

const standOf = ({ users, seconds, all }: Step, ofSeconds: number): string => {
  const who = users === 1 ? 'baseline, 1 user' : `${users} users`;
  if (all.requests === 0) return `${who}, ${ofSeconds} s`;
  return `${who}, ${Math.floor(seconds)} s of ${ofSeconds}: ${all.requests} requests, ${percent(all.success_rate)} succeeded, p95 ${all.p95_ms} ms`;
};

const cleanUp = async ({ bookings }: Ground, { session, say }: Means): Promise<string[]> => {
  let stand = 'cleaning up';
  const work = async (): Promise<string[]> => {
    await session.renew();
    const left = await bookings?.remove((text) => {
      stand = text;
    });
    await session.end();
    return left ?? [];
  };
  return withProgress(say, () => stand, work());
};
