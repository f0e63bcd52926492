import { watch } from 'node:fs';
import { join } from 'node:path';
import { type Config, PROJECT } from '../config.ts';
import { type SuperviseOptions, supervise } from './supervisor.ts';

// An editor writes a file in several steps.
const SETTLED_MS = 100;

/** One worker on this machine only, started again whenever a source file changes. */
export const develop = (config: Config, options: SuperviseOptions): Promise<void> =>
  supervise(
    { ...config, workers: 1, host: '127.0.0.1', adminPort: 0, graceS: 0 },
    {
      ...options,
      hasReadableLogs: true,
      whenReady: (fleet) => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const watcher = watch(join(PROJECT, 'src'), { recursive: true }, (_, name) => {
          if (!name?.endsWith('.ts')) return;
          clearTimeout(timer);
          timer = setTimeout(() => {
            options.say(`src/${name} changed: starting again`);
            void fleet.roll().then((fault) => {
              if (fault !== undefined) options.say(`the old worker stays: ${fault}`);
            });
          }, SETTLED_MS);
        });
        return () => {
          clearTimeout(timer);
          watcher.close();
        };
      },
    },
  );
