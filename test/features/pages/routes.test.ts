import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILES } from '../../../src/features/pages/files.ts';
import { testApp } from '../../helpers/app.ts';

const app = await testApp();
const PAGES = ['book', 'board'];
const MOST_LINES = 300;
const folder = join(import.meta.dir, '../../../src/features/pages');
const listed = ['both', ...PAGES].flatMap((name) =>
  readdirSync(join(folder, name)).map((file) => `${name}/${file}`),
);
const scripts = listed.filter((name) => name.endsWith('.js'));

describe('GET /book and GET /board', () => {
  for (const page of PAGES) {
    test(`/${page}: HTML under a policy that lets nothing in from elsewhere, and nothing inline`, async () => {
      const { status, headers, text } = await app.stranger.get(`/${page}`);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
    });

    test(`/${page}: what it names is there`, async () => {
      const { text } = await app.stranger.get(`/${page}`);
      const named = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
      expect(named.length).toBeGreaterThan(3);
      for (const address of named)
        expect([address, (await app.stranger.get(address)).status]).toEqual([address, 200]);
    });
  }
});

describe('GET /pages/:folder/:asset', () => {
  test('sends every file with its type, and 304 to who has it', async () => {
    expect([...FILES.keys()].sort()).toEqual(listed.sort());
    const types = { css: 'text/css', html: 'text/html', js: 'text/javascript', svg: 'image/svg+xml' };
    for (const name of listed) {
      const { status, headers, text } = await app.stranger.get(`/pages/${name}`);
      const type = types[name.split('.').at(-1) as keyof typeof types];
      expect([name, status, headers.get('content-type')?.split(';')[0]]).toEqual([name, 200, type]);
      expect(text).toBe(readFileSync(join(folder, name), 'utf8'));
      expect(headers.get('cache-control')).toBe('public, no-cache');
      const again = await app.stranger.get(`/pages/${name}`, {
        headers: { 'if-none-match': headers.get('etag') ?? '' },
      });
      expect([again.status, again.text]).toEqual([304, '']);
    }
  });

  test('knows no other file', async () => {
    for (const path of [
      'both/none.js',
      'none/both.css',
      'both/..%2froutes.ts',
      'constructor/name',
      'both/%00',
    ]) {
      expect((await app.stranger.get(`/pages/${path}`)).error.code).toBe(404);
    }
  });
});

test('no file of the pages is longer than a source file may be', () => {
  const long = listed.filter(
    (name) => readFileSync(join(folder, name), 'utf8').split('\n').length > MOST_LINES,
  );
  expect(long).toEqual([]);
});

describe('the scripts of the pages', () => {
  for (const name of scripts) {
    const text = readFileSync(join(folder, name), 'utf8');

    test(`${name} imports what is served, and writes no markup`, () => {
      for (const [, path = ''] of text.matchAll(/from '([^']+)'/g)) {
        expect(FILES.has(join(name, '..', path))).toBe(true);
      }
      expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|localStorage/);
    });
  }
});
