import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Data, testApp } from '../../helpers/app.ts';
import { aDoneJob, anEstimate } from '../../helpers/factories.ts';
import { SEED } from '../../helpers/seeded.ts';

const HISTORIES = 40;
const TOLERANCE = 300;

const shop = await testApp();
const owner = await shop.as('owner');
await owner.patch('/v1/settings', { authorization_tolerance_cents: TOLERANCE });

type Step = { what: keyof typeof DOING; which: number; cents: number; yes: boolean };

/** The second reckoning: each line is its price and the price that the customer last said yes to, if they did. */
type Line = { id: string; cents: number; yesTo: number | undefined; isAnswered: boolean };
type Model = {
  id: string;
  jobId: string;
  lines: Line[];
  isSent: boolean;
  bill: { id: string; isOut: boolean } | undefined;
};

const authorizedOf = ({ lines }: Model): number => lines.reduce((sum, { yesTo }) => sum + (yesTo ?? 0), 0);
const isClosed = ({ isSent, bill }: Model): boolean => isSent && bill?.isOut === true;
const bodyOf = (line: Partial<Line>) => ({
  ...(line.id === undefined ? {} : { id: line.id }),
  ...{ kind: 'fee', name: 'Work', quantity: 1, unit_price_cents: line.cents },
});

const expecting = ({ status, error, text }: Data, refusal: string | undefined) => {
  if (refusal === undefined && status >= 300) throw new Error(`refused: ${text}`);
  expect(error?.reason).toBe(refusal);
};

const write = async (model: Model, lines: Partial<Line>[]): Promise<void> => {
  const answer = await owner.patch(`/v1/estimates/${model.id}`, { lines: lines.map(bodyOf) });
  expecting(answer, isClosed(model) ? 'estimate.closed' : undefined);
  if (!answer.ok) return;
  model.lines = answer.data.lines.map(({ id, unit_price_cents: cents }: Data): Line => {
    const was = model.lines.find((one) => one.id === id);
    const isSame = was !== undefined && was.cents === cents;
    return { id, cents, yesTo: isSame ? was.yesTo : undefined, isAnswered: isSame && was.isAnswered };
  });
};

const DOING = {
  price: async (model: Model, { which, cents }: Step) =>
    write(
      model,
      model.lines.map((line, at) => (at === which % model.lines.length ? { ...line, cents } : line)),
    ),
  add: async (model: Model, { cents }: Step) => write(model, [...model.lines, { cents }]),
  remove: async (model: Model, { which }: Step) =>
    write(
      model,
      model.lines.filter((_, at) => at !== which % model.lines.length),
    ),
  send: async (model: Model) => {
    const answer = await owner.post(`/v1/estimates/${model.id}/send`);
    const refusal = model.bill?.isOut
      ? 'estimate.closed'
      : model.lines.length === 0
        ? 'estimate.empty'
        : undefined;
    expecting(answer, refusal);
    if (answer.ok) model.isSent = true;
  },
  say: async (model: Model, { which, yes }: Step) => {
    const line = model.lines[which % Math.max(model.lines.length, 1)];
    if (line === undefined) return;
    const { version } = (await owner.get(`/v1/estimates/${model.id}`)).data;
    const answer = await owner.post(`/v1/estimates/${model.id}/authorizations`, {
      ...{ version, lines: [{ line_id: line.id, decision: yes ? 'approved' : 'declined' }] },
      ...{ name: 'Sam', method: 'in_person', text: 'So said' },
    });
    expecting(answer, !model.isSent ? 'estimate.not_sent' : isClosed(model) ? 'estimate.closed' : undefined);
    if (!answer.ok) return;
    line.isAnswered = true;
    line.yesTo = yes ? line.cents : undefined;
  },
  bill: async (model: Model) => {
    if (model.bill !== undefined) return;
    const answer = await owner.post(`/v1/appointments/${model.jobId}/invoice`, {});
    const hasYes = model.lines.some(({ yesTo }) => yesTo !== undefined);
    expecting(answer, model.isSent && !hasYes ? 'estimate.not_approved' : undefined);
    if (!answer.ok) return;
    // Without an estimate: the service of the job.
    expect(answer.data.total_cents).toBe(model.isSent ? authorizedOf(model) : 12_000);
    model.bill = { id: answer.data.id, isOut: false };
  },
  issue: async (model: Model, { cents }: Step) => {
    if (model.bill === undefined || model.bill.isOut) return;
    const total = cents % 2 === 0 ? cents : authorizedOf(model) + TOLERANCE + (cents % 3) - 1;
    await owner.patch(`/v1/invoices/${model.bill.id}`, { lines: [bodyOf({ cents: total })] });
    const answer = await owner.post(`/v1/invoices/${model.bill.id}/issue`);
    const isOver = model.isSent && total > authorizedOf(model) + TOLERANCE;
    expecting(answer, isOver ? 'invoice.over_authorized' : undefined);
    if (answer.ok) model.bill.isOut = true;
  },
  void: async (model: Model) => {
    if (model.bill === undefined) return;
    expecting(await owner.post(`/v1/invoices/${model.bill.id}/void`), undefined);
    model.bill = undefined;
  },
};
const WORDS = Object.keys(DOING) as (keyof typeof DOING)[];

const aStep: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...WORDS, 'send' as const, 'say' as const, 'say' as const, 'issue' as const),
  which: fc.nat(5),
  cents: fc.integer({ min: 1, max: 20_000 }),
  yes: fc.boolean(),
});

describe('whatever happens to an estimate and its job', () => {
  test('what is authorized is what a plain list says, and no invoice passes it', async () => {
    const property = fc.asyncProperty(fc.array(aStep, { minLength: 5, maxLength: 25 }), async (steps) => {
      const { id: appointment_id, customer_id } = await aDoneJob(shop, owner);
      const lines = [bodyOf({ cents: 10_000 }), bodyOf({ cents: 5_000 })];
      const made = await anEstimate(owner, { appointment_id, customer_id, lines });
      const model: Model = {
        ...{ id: made.id, jobId: appointment_id, isSent: false, bill: undefined },
        lines: made.lines.map(({ id, total_cents: cents }: Data) => ({
          ...{ id, cents, yesTo: undefined, isAnswered: false },
        })),
      };
      for (const step of steps) await DOING[step.what](model, step);
      const { data } = await owner.get(`/v1/estimates/${model.id}`);
      expect(data.authorized_cents).toBe(authorizedOf(model));
      expect(data.lines.map(({ decision }: Data) => decision)).toEqual(
        model.lines.map(({ yesTo, isAnswered }) =>
          yesTo !== undefined ? 'approved' : isAnswered ? 'declined' : null,
        ),
      );
    });
    await fc.assert(property, { seed: SEED, numRuns: HISTORIES });
  });
});
