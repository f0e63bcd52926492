import { CONFIG_TABLE } from '../config.ts';

export interface Word {
  summary: string;
  /** Gives the exit code. */
  run(rest: readonly string[]): Promise<number>;
  /** Started by the program itself, not by a person. */
  isInner?: boolean;
  /** It takes words of its own, --help among them; the others take none. */
  takesWords?: boolean;
}

export const isHelp = (text: string | undefined): boolean =>
  text !== undefined && ['--help', '-h', 'help'].includes(text);

export const helpText = (words: Readonly<Record<string, Word>>): string => {
  const shown = Object.entries(words).filter(([, { isInner }]) => isInner !== true);
  return [
    "The server of Edgar's Mobile Auto Shop.",
    '',
    'Usage: ./start.sh [word]     (or: bun run <word>)',
    '',
    table(shown.map(([name, { summary }]) => [name, summary])),
    '',
    'Variables of the environment, or of a file .env in this folder:',
    '',
    table(CONFIG_TABLE.map(({ name, default: value, description }) => [name, `${description} (${value})`])),
    '',
  ].join('\n');
};

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join('\n');
};
