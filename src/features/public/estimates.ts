import { Hono, type MiddlewareHandler } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { EXAMPLE_ESTIMATE_TOKEN, EXAMPLE_IDS } from '../../http/example-shop.ts';
import { unstored } from '../../http/unstored.ts';
import { expectedVersion } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { PublicEstimate } from '../../shapes/estimate.ts';
import { hashed, isToken, TOKEN_PATTERN } from '../../values/token.ts';
import { Decided } from '../estimates/schema.ts';
import { decideByLink } from './deciding.ts';
import { limitStrangers } from './limits.ts';
import { findLinkedEstimate, type LinkedEstimate } from './queries.ts';
import { COUNTED, type Deps } from './routes.ts';

const LINK = {
  parameters: { token: { type: 'string', pattern: TOKEN_PATTERN, examples: [EXAMPLE_ESTIMATE_TOKEN] } },
  answers: PublicEstimate,
};

/** For whoever has the link of one estimate. */
export const estimateLinks = ({ clock, proxies }: Pick<Deps, 'clock' | 'proxies'>) => {
  const limited = limitStrangers(proxies);
  const linkedOf = async (c: Ctx): Promise<LinkedEstimate> => {
    const now = new Date(clock()).toISOString();
    const found = await findLinkedEstimate(c.get('sql'), hashed(c.req.param('token') ?? ''), now);
    if (found === undefined) throw notFound('estimate');
    return found;
  };
  return new Hono<Env>()
    .use(unstored)
    .get(
      '/:token',
      accept({ ...LINK, summary: 'Reads the estimate that a link opens', refuses: COUNTED }),
      formed,
      limited('read'),
      async (c) => answerShape(c, await linkedOf(c)),
    )
    .post(
      '/:token/decisions',
      accept({
        ...LINK,
        summary: 'Approves and declines lines of the estimate that a link opens: for good',
        body: Decided,
        refuses: [...COUNTED, 'estimate.closed'],
        example: {
          version: 1,
          lines: [{ line_id: EXAMPLE_IDS.estimate_line, decision: 'approved' }],
          name: 'Sam Carter',
        },
      }),
      formed,
      limited('change'),
      async (c) => {
        const link = await linkedOf(c);
        c.get('trace').actor = { id: link.customer_id, role: 'customer' };
        const decided = { ...c.req.valid('json'), id: link.id, expected: expectedVersion(c) };
        return write(c, async (tx) => changed(await decideByLink(tx, decided)));
      },
    );
};

/** What cannot be a token costs no statement. */
const formed: MiddlewareHandler<Env> = async (c, next) => {
  if (!isToken(c.req.param('token') ?? '')) throw notFound('estimate');
  await next();
};
