import { Hono, type MiddlewareHandler } from 'hono';
import type { Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, answerText, changed, told } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { EXAMPLE_LINK_TOKEN } from '../../http/example-shop.ts';
import { unstored } from '../../http/unstored.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { listOf } from '../../shapes/parts.ts';
import { LinksEnded, PublicAppointment, PublicStart } from '../../shapes/public.ts';
import { hashed, isToken, TOKEN_PATTERN } from '../../values/token.ts';
import type { By } from '../appointments/people.ts';
import { limitStrangers } from './limits.ts';
import { cancelJob, confirmJob, endLinks, listOtherStarts, type On, rescheduleJob } from './manage.ts';
import { findLinked, type Linked, type PublicShape } from './queries.ts';
import { COUNTED, type Deps, START } from './routes.ts';
import { prefersHtml } from './rules.ts';
import { otherStartsQuery, Reschedule } from './schema.ts';

const ON_JOB = [...COUNTED, 'appointment.closed'] as const;
const PAGE = '/book';
const LINK = {
  parameters: { token: { type: 'string', pattern: TOKEN_PATTERN, examples: [EXAMPLE_LINK_TOKEN] } },
  answers: PublicAppointment,
};

const at = (clock: () => number): string => new Date(clock()).toISOString();

/** For whoever has the link of one job. */
export const linkRoutes = ({ clock, proxies, travel }: Omit<Deps, 'publicUrl'>) => {
  const limited = limitStrangers(proxies);
  const now = () => at(clock);
  const when = () => ({ now: now(), travel });
  return new Hono<Env>()
    .use(unstored)
    .get(
      '/:token',
      accept({ ...LINK, summary: 'Reads the job that a link opens', refuses: COUNTED, page: PAGE }),
      showPage,
      formed,
      limited('read'),
      async (c) => answerShape(c, await linkedOf(c, now())),
    )
    .get(
      '/:token/starts',
      accept({
        ...LINK,
        summary: 'Lists the starts to which the job that a link opens can be moved, the earliest first',
        query: otherStartsQuery,
        answers: listOf(PublicStart),
        refuses: ON_JOB,
      }),
      formed,
      limited('read'),
      async (c) => {
        const { id } = await linkedOf(c, now());
        const asked = { query: c.req.valid('query'), now: clock(), travel };
        return answerText(c, await listOtherStarts(c.get('sql'), id, asked));
      },
    )
    .post(
      '/:token/confirm',
      accept({ ...LINK, summary: 'Confirms that the customer will be there', refuses: ON_JOB }),
      formed,
      limited('change'),
      async (c) => onJob(c, when(), confirmJob),
    )
    .post(
      '/:token/reschedule',
      accept({
        ...LINK,
        summary: 'Reschedules the job that a link opens; its technician stays',
        body: Reschedule,
        refuses: [...ON_JOB, ...START],
        example: { starts_at: '2101-03-11T10:00:00-08:00' },
      }),
      formed,
      limited('change'),
      async (c) => {
        const { starts_at } = c.req.valid('json');
        return onJob(c, when(), (tx, by, on) => rescheduleJob(tx, by, { ...on, starts_at }));
      },
    )
    .post(
      '/:token/cancel',
      accept({ ...LINK, summary: 'Cancels the job that a link opens', refuses: ON_JOB }),
      formed,
      limited('change'),
      async (c) => onJob(c, when(), cancelJob),
    );
};

/**
 * A person who opens the link gets the page of it: their browser asks for HTML first. The token goes on in the fragment,
 * which is sent to nobody.
 */
const showPage: MiddlewareHandler<Env> = async (c, next) => {
  c.header('Vary', 'Accept', { append: true });
  if (!prefersHtml(c.req.header('accept'))) return next();
  return c.redirect(`${PAGE}#${encodeURIComponent(c.req.param('token') ?? '')}`, 303);
};

/** What cannot be a token costs no statement. */
const formed: MiddlewareHandler<Env> = async (c, next) => {
  if (!isToken(c.req.param('token') ?? '')) throw notFound('appointment');
  await next();
};

const linkedOf = async (c: Ctx, now: string): Promise<Linked> => {
  const found = await findLinked(c.get('sql'), hashed(c.req.param('token') ?? ''), now);
  if (found === undefined) throw notFound('appointment');
  return found;
};

type Command = (tx: Transaction, by: By, on: On) => Promise<PublicShape>;

const onJob = async (c: Ctx, when: Pick<By, 'now' | 'travel'>, command: Command): Promise<Response> => {
  const link = await linkedOf(c, when.now);
  const actor = { id: link.customer_id, role: 'customer' } as const;
  c.get('trace').actor = actor;
  const on = { link, expected: expectedVersion(c) };
  return write(c, async (tx) => changed(await command(tx, { ...when, actor, isPublic: true }, on)));
};

/** For the staff. */
export const jobLinks = ({ clock }: Pick<Deps, 'clock'>) =>
  new Hono<Env>().delete(
    '/:id/links',
    accept({ summary: 'Ends the links with which the customer manages a job', answers: LinksEnded }),
    async (c) => {
      const on = { id: pathId(c, 'appointment'), expected: expectedVersion(c) };
      return write(c, async (tx, { actor }) => {
        await endLinks(tx, { actor, now: at(clock) }, on);
        return told({ ended: true });
      });
    },
  );
