import { expect, test } from 'bun:test';
import { testApp } from '../../helpers/app.ts';

const { stranger } = await testApp();

test('a file of the page may be kept by caches; that there is none of that name may not', async () => {
  const found = await stranger.get('/docs/swagger-ui.css');
  expect([found.status, found.headers.get('cache-control')]).toEqual([200, 'public, max-age=3600']);
  const unknown = await stranger.get('/docs/nothing.css');
  expect([unknown.status, unknown.headers.get('cache-control')]).toEqual([404, 'private, no-cache']);
});
