import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerTagged } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { FILES } from './files.ts';

const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"],
  ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');
/** Asked for again each time, and sent again when it is another: a page never mixes the files of two versions. */
const CHECKED = 'public, no-cache';

/** The two pages that people look at; the scripts on them are clients of the API as any other. */
const page = (folder: 'book' | 'board', summary: string) =>
  new Hono<Env>().get(
    '/',
    accept({ summary, answers: 'text/html', isOneThing: true, isTagged: true }),
    (c) => {
      c.header('Content-Security-Policy', POLICY);
      return send(c, `${folder}/page.html`);
    },
  );

export const bookPage = page('book', 'Shows the page on which customers book and manage their visits');
export const boardPage = page('board', "Shows the board of the shop's day as a page");

export const pageFiles = new Hono<Env>().get(
  '/:folder/:asset',
  accept({
    summary: 'Sends a file of the pages /book and /board',
    parameters: {
      folder: { type: 'string', enum: [...new Set([...FILES.keys()].map((name) => name.split('/')[0]))] },
      asset: { type: 'string', enum: [...new Set([...FILES.keys()].map((name) => name.split('/')[1]))] },
    },
    answers: '*/*',
    isTagged: true,
    refuses: ['asset.not_found'],
  }),
  (c) => send(c, `${c.req.param('folder')}/${c.req.param('asset')}`),
);

const send = (c: Ctx, name: string): Response => {
  const file = FILES.get(name);
  if (file === undefined) throw notFound('asset');
  c.header('Cache-Control', CHECKED);
  return answerTagged(c, file.tag, () => c.body(file.text, 200, { 'Content-Type': file.type }));
};
