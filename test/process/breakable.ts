import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject } from './copy.ts';

/** Changes a file of a copy; a text that is not there any more fails the test. */
export const replaceIn = (project: string, path: string, [from, to]: [string, string]): void => {
  const file = join(project, path);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(file, text.replace(from, to));
};

const BREAK = `
const kept: Uint8Array[] = [];
const breakAsAsked = ({ headers }: Request): void => {
  const until = performance.now() + Number(headers.get('x-block-ms'));
  while (performance.now() < until);
  for (let mb = Number(headers.get('x-leak-mb')); mb > 0; mb -= 64) kept.push(new Uint8Array(64 * 2 ** 20).fill(1));
};
`;

/** A copy whose workers do as a request asks: x-block-ms blocks the event loop, x-leak-mb keeps memory for good. */
export const breakableProject = (to: string): string => {
  const project = copyProject(to);
  const answer = 'app.fetch(request, { server: listener })';
  replaceIn(project, 'src/process/worker.ts', [answer, `(breakAsAsked(request), ${answer})`]);
  replaceIn(project, 'src/process/worker.ts', [
    '/** One of the processes',
    `${BREAK}\n/** One of the processes`,
  ]);
  return project;
};
