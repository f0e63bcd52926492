import { Hono } from 'hono';
import manifest from '../../../package.json' with { type: 'json' };
import { fail } from '../../errors.ts';
import { answer } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { accept } from '../../http/validate.ts';

type Process = { isReady(): boolean; isDraining(): boolean };
type Health = { probe(): Promise<boolean>; process: Process };

/** /health and /health/ready ask the database through its reserved connection; /health/live only that we run. */
export const health = ({ probe, process: self }: Health) =>
  new Hono<Env>()
    .get('/', accept(), async (c) => {
      await assertDatabase(probe);
      const uptimeS = Math.floor(process.uptime());
      return answer(c, { status: 'ok', database: 'up', uptime_s: uptimeS, version: manifest.version });
    })
    .get('/live', accept(), (c) => answer(c, { status: 'ok' }))
    .get('/ready', accept(), async (c) => {
      if (self.isDraining() || !self.isReady()) {
        throw fail('server.draining', 'This process takes no new work. Ask another one.', { retryAfterS: 1 });
      }
      await assertDatabase(probe);
      return answer(c, { status: 'ready' });
    });

const assertDatabase = async (probe: () => Promise<boolean>): Promise<void> => {
  if (await probe()) return;
  throw fail('database.unavailable', 'Database connection failed', { retryAfterS: 1 });
};
