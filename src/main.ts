import { existsSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { helpText, isHelp, type Word } from './cli/help.ts';
import { type Config, ConfigError, misspelt, PROJECT, readConfig } from './config.ts';
import { Failure } from './errors.ts';
import { Refusal } from './process/refusal.ts';
import { nearest } from './values/nearest.ts';

/** Lines for a person go to stderr: stdout holds the log's JSON lines and nothing else. */
const say = (line: string): void => {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // A closed terminal must not end the server.
  }
};

/** What a program may want to read. */
const print = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const isTerminal = process.stderr.isTTY === true;

/** The real environment, and what .env adds to it, wherever we were started from. */
const environment = (): Record<string, string | undefined> => {
  const path = join(PROJECT, '.env');
  return existsSync(path) ? { ...parseEnv(readFileSync(path, 'utf8')), ...process.env } : process.env;
};

const configured = (changes: Record<string, string> = {}): Config => {
  const env = { ...changes, ...environment() };
  for (const line of misspelt(env)) say(line);
  return readConfig(env);
};

const WORDS: Readonly<Record<string, Word>> = {
  serve: {
    summary: 'start the server (what happens without a word)',
    run: async () => {
      const { supervise } = await import('./process/supervisor.ts');
      await supervise(configured(), { say, isTerminal, configure: configured });
      return 0;
    },
  },
  dev: {
    summary: 'start it for development: one worker, started again when a file changes, on this machine only',
    run: async () => {
      const { develop } = await import('./process/dev.ts');
      await develop(configured({ APP_ENV: 'development' }), { say, isTerminal });
      return 0;
    },
  },
  demo: {
    summary: 'fill an empty shop with believable customers, vehicles and appointments',
    takesWords: true,
    run: async (rest) => {
      const { runDemo } = await import('./cli/demo.ts');
      return runDemo(configured(), say, rest);
    },
  },
  client: {
    summary: 'write a typed TypeScript client into a file (shop-client.ts)',
    takesWords: true,
    run: async (rest) => {
      const { runClient } = await import('./cli/client.ts');
      return runClient(configured(), say, rest);
    },
  },
  status: {
    summary: 'show the running server: workers, connections, slowest statements',
    takesWords: true,
    run: async (rest) => {
      const { runStatus } = await import('./cli/status.ts');
      return runStatus(configured(), print, rest);
    },
  },
  validate: {
    summary: 'measure a running server with more and more users: see validate --help',
    takesWords: true,
    run: async (rest) => {
      const { runValidate } = await import('./cli/validate.ts');
      const { EMAIL, PASSWORD } = environment();
      return runValidate(configured(), { say, print, variables: { email: EMAIL, password: PASSWORD } }, rest);
    },
  },
  staff: {
    summary: 'add people, list them, give somebody a new password: see staff --help',
    takesWords: true,
    run: async (rest) => {
      const { runStaff } = await import('./cli/staff.ts');
      return runStaff(configured(), { say, print }, rest);
    },
  },
  secrets: {
    summary: 'rotate the key of the access tokens: secrets rotate',
    takesWords: true,
    run: async (rest) => {
      const { runSecrets } = await import('./cli/secrets.ts');
      return runSecrets(configured(), say, rest);
    },
  },
  import: {
    summary: 'add the customers or vehicles of a CSV file: see import --help',
    takesWords: true,
    run: async (rest) => {
      const { runImport } = await import('./cli/import.ts');
      return runImport(configured(), { say, print }, rest);
    },
  },
  backup: {
    summary: 'write database and secrets into one file: backup <file.tar.gz>',
    takesWords: true,
    run: async (rest) => {
      const { runBackup } = await import('./cli/backup.ts');
      return runBackup(configured(), say, rest);
    },
  },
  restore: {
    summary: 'put such a file into an empty place: restore <file.tar.gz>',
    takesWords: true,
    run: async (rest) => {
      const { runRestore } = await import('./cli/restore.ts');
      return runRestore(configured(), say, rest);
    },
  },
  install: {
    summary: 'make this folder a systemd service: ./start.sh install --help',
    takesWords: true,
    run: async (rest) => {
      const { runInstall } = await import('./cli/install.ts');
      return runInstall({ say, print }, rest);
    },
  },
  migrate: {
    summary: 'bring the tables up to date and end',
    run: async () => {
      const { runMigrate } = await import('./cli/migrate.ts');
      return runMigrate(configured(), say);
    },
  },
  worker: {
    summary: 'answer requests; started by serve',
    isInner: true,
    run: async () => {
      const { work } = await import('./process/worker.ts');
      return work();
    },
  },
};

const main = async ([name = 'serve', ...rest]: readonly string[]): Promise<number> => {
  if (isHelp(name)) {
    process.stdout.write(helpText(WORDS));
    return 0;
  }
  const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (word !== undefined && word.takesWords !== true && rest[0] !== undefined) {
    say(`${name}: ${word.summary}. It takes no words of its own; see ./start.sh --help for its variables.`);
    return isHelp(rest[0]) ? 0 : 2;
  }
  if (word !== undefined) return word.run(rest);
  const meant = nearest(name, Object.keys(WORDS));
  say(
    `There is no word ${name}${meant === undefined ? '.' : `: was ${meant} meant?`} See ./start.sh --help.`,
  );
  return 2;
};

const sayFault = (error: unknown): void => {
  if (error instanceof ConfigError) for (const fault of error.faults) say(fault);
  else if (error instanceof Refusal || error instanceof Failure) say(error.message);
  else say(error instanceof Error ? (error.stack ?? error.message) : String(error));
};

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  sayFault(error);
  process.exit(1);
}
