import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_S = 100;

type Process = { pid: number; parent: number; seconds: number };

/** Seconds of processor time that a process, and whoever descends from it, has taken so far; the dead of them are in their parents'. */
export const processorSecondsOf = (root: number): number => {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readProcess(Number(name)) : []));
  const family = new Set([root]);
  // A child's number may be smaller than its parent's: look until nobody is added.
  for (let known = 0; known !== family.size; ) {
    known = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid)).reduce((sum, { seconds }) => sum + seconds, 0);
};

const readProcess = (pid: number): Process[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // proc_pid_stat(5), counted from the state on: the parent, then user and system time, their own and of the ended.
    const [parent = 0, ...times] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
    return [{ pid, parent, seconds: times.reduce((sum, one) => sum + one, 0) / TICKS_PER_S }];
  } catch {
    // It has ended since.
    return [];
  }
};
