import type { Config } from '../config.ts';
import { runningSupervisors } from '../process/pid-file.ts';
import { refuse } from '../process/refusal.ts';
import { rotateSecrets } from '../process/rotate-secrets.ts';
import { isHelp } from './help.ts';

const HELP = `bun run secrets rotate adds a new key for the access tokens to the secrets file. Workers learn of it by
SIGUSR2 or SIGHUP; five minutes later it signs, and the old key verifies until its last token has ended. Nobody is logged out.`;

/** Gives the exit code. */
export const runSecrets = async (
  config: Config,
  say: (line: string) => void,
  [word, ...more]: readonly string[],
): Promise<number> => {
  if (word !== 'rotate' || more.length > 0) {
    say(HELP);
    return isHelp(word) ? 0 : 2;
  }
  if (config.jwtSecret !== undefined) {
    throw refuse(
      'The secrets stand in JWT_SECRET: put the new one in front there (new-id:secret,old-id:old-secret), restart, and take the old one out 15 minutes later.',
    );
  }
  const { kid, signsFrom, oldKids } = await rotateSecrets(config.secretsFile, Date.now());
  say(
    `the key ${kid} was added to ${config.secretsFile}; it signs from ${signsFrom} on, ${oldKids.join(', ')} until then`,
  );
  const pids = runningSupervisors(config.dataDir);
  say(
    pids.length === 0
      ? 'no server runs: the next start reads it'
      : `next: tell the server before that time: kill -USR2 ${pids.join(' ')} (or systemctl reload edgars)`,
  );
  return 0;
};
