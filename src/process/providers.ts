import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Provider, Providers } from '../features/outbox/types.ts';
import type { Log } from '../observe/log.ts';
import { createMailer } from './mailer.ts';
import { createTexter } from './texter.ts';

export const OUTBOX_FILE = 'outbox.jsonl';

/** By what the environment names; else into a file, so that nothing is lost and nobody is written to by mistake. */
export const createProviders = (config: Config, log: Log): Providers => {
  const toFile = createFile(join(config.dataDir, OUTBOX_FILE), log);
  const { smtpUrl, mailFrom, smsUrl, smsToken } = config;
  return {
    email: smtpUrl === undefined || mailFrom === undefined ? toFile : createMailer(smtpUrl, mailFrom),
    sms: smsUrl === undefined ? toFile : createTexter(smsUrl, smsToken),
  };
};

/** One line of JSON for each, readable by nobody else; the log tells that there is one, and not what it says. */
const createFile =
  (path: string, log: Log): Provider =>
  async (letter) => {
    const line = JSON.stringify({ ...letter, at: new Date().toISOString() });
    try {
      await appendFile(path, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      throw new Error(
        `the outbox file: ${error instanceof Error && 'code' in error ? error.code : 'failed'}`,
      );
    }
    log.info({ id: letter.id, channel: letter.channel }, 'a message was written to the outbox file');
    return null;
  };
