import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import packageFile from '../package.json';
import { CONFIG_TABLE } from '../src/config.ts';
import { blocks, chapter, README } from './readme/readme.ts';

const ROOT = join(import.meta.dir, '..');
const MAX_LINES = 400;

const table = (): string =>
  [
    '| name | default | what it does |',
    '| --- | --- | --- |',
    ...CONFIG_TABLE.map(
      ({ name, default: value, description }) => `| \`${name}\` | ${value} | ${description} |`,
    ),
  ].join('\n');

const linesOf = (word: string): string[] => {
  const asked = Bun.spawnSync(['./start.sh', word], { cwd: ROOT, env: withBun() });
  expect(asked.exitCode).toBe(0);
  return asked.stdout.toString().split('\n');
};

const withBun = (): Record<string, string> => ({
  HOME: process.env.HOME ?? '',
  PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
});

const first = (lines: readonly string[], pattern: RegExp): string[] =>
  lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);

/** What ./start.sh takes itself, and the words that it hands on to the program. */
const wordsOfStart = (): string[] => [
  ...first(linesOf('--help'), /^ {2}\.\/start\.sh (\w+)/),
  ...first(linesOf('help'), /^ {2}([a-z]+) {2}/),
];

const named = (pattern: RegExp): string[] => [
  ...new Set([...README.matchAll(pattern)].map(([, word = '']) => word)),
];

describe('the README', () => {
  test('has the table of the environment as config.ts says it', () => {
    const found = chapter('Environment')
      .split('\n')
      .filter((line) => line.startsWith('|'));
    if (found.join('\n') !== table()) throw new Error(`The table under Environment must be:\n\n${table()}\n`);
    for (const { name, ...cells } of CONFIG_TABLE) {
      for (const cell of Object.values(cells)) expect(`${name}: ${cell}`).not.toContain('|');
    }
  });

  test('names words of bun run that package.json has', () => {
    const words = named(/\bbun run ([a-z]+)/g);
    expect(words).toContain('demo');
    expect(words.filter((word) => !Object.hasOwn(packageFile.scripts, word))).toEqual([]);
  });

  test('names words of start.sh that there are', () => {
    const words = named(/\.\/start\.sh ([a-z-]+)/g);
    const known = wordsOfStart();
    expect(words).toContain('test');
    expect(words.filter((word) => !known.includes(word))).toEqual([]);
  });

  test('lays out the house as it stands: every part, and no other', () => {
    const [layout = ''] = blocks(chapter('How the house is laid out'), '');
    const parts = first(layout.split('\n'), /^(\S+)/);
    expect(parts.filter((part) => !existsSync(join(ROOT, part)))).toEqual([]);
    const standing = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.name.endsWith('.ts'))
      .map((entry) => `src/${entry.name}${entry.isDirectory() ? '/' : ''}`);
    expect(standing.filter((part) => !parts.includes(part))).toEqual([]);
  });

  test('names files and folders that exist', () => {
    const paths = named(/`((?:src|test)\/[^\s`]*)`/g);
    expect(paths.length).toBeGreaterThan(3);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('can be read in ten minutes', () => expect(README.split('\n').length).toBeLessThan(MAX_LINES));
});

describe('bun run', () => {
  test('has each word that the help promises', () => {
    // A script of the name install would run at each installation of the packages.
    const words = first(linesOf('help'), /^ {2}([a-z]+) {2}/).filter(
      (word) => !['serve', 'install'].includes(word),
    );
    expect(words).toContain('demo');
    expect(words.filter((word) => !Object.hasOwn(packageFile.scripts, word))).toEqual([]);
  });
});
