import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import type { Env } from '../../http/context.ts';
import { ASSETS, PAGE, START } from './page.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const FILES = ['start.js', ...Object.keys(ASSETS)];
const CACHED = 'public, max-age=3600';

/** The contract as a page: Swagger UI, served from here, so that it works without a network. */
export const docs = new Hono<Env>()
  .get('/', accept({ summary: 'Shows the API as a page', answers: 'text/html' }), (c) => {
    c.header('Content-Security-Policy', POLICY);
    return c.html(PAGE);
  })
  .get(
    '/:asset',
    accept({
      summary: 'Sends a file of the page',
      parameters: { asset: { type: 'string', enum: FILES } },
      answers: '*/*',
      refuses: ['asset.not_found'],
    }),
    (c) => {
      const name = c.req.param('asset');
      if (name === 'start.js')
        return c.body(START, 200, {
          'Content-Type': 'text/javascript; charset=utf-8',
          'Cache-Control': CACHED,
        });
      const path = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
      if (path === undefined) throw notFound('asset');
      const file = Bun.file(path);
      return c.body(file.stream(), 200, { 'Content-Type': file.type, 'Cache-Control': CACHED });
    },
  );

/** The document is made at the first call: the routes are all there by then. */
export const openApi = (makeDocument: () => object) => {
  let text: string | undefined;
  return new Hono<Env>().get(
    '/',
    accept({ summary: 'Sends this document', answers: 'application/json' }),
    (c) => {
      text ??= JSON.stringify(makeDocument());
      return c.body(text, 200, { 'Content-Type': 'application/json; charset=utf-8' });
    },
  );
};
