import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const README = readFileSync(join(import.meta.dir, '../../README.md'), 'utf8');

/** The text under a heading, up to the next one of its kind. */
export const chapter = (heading: string): string => {
  const [, rest] = README.split(`\n## ${heading}\n`);
  if (rest === undefined) throw new Error(`The README has no chapter ${heading}.`);
  return rest.split('\n## ')[0] ?? '';
};

/** What stands between fences, in the order of the page: ```sh, or ``` alone. */
export const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , block = '']) => block);
