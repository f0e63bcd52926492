import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { answerHashed } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { Vin } from '../../shapes/vin.ts';
import { describeVin } from './rules.ts';

export const vins = ({ clock }: { clock: () => number }) =>
  new Hono<Env>().get(
    '/:vin',
    accept({
      parameters: { vin: { type: 'string', examples: ['1HGCM82633A004352'] } },
      summary: 'Tells what a VIN says by itself: check digit, maker, model year',
      answers: Vin,
    }),
    (c) =>
      answerHashed(c, JSON.stringify(describeVin(c.req.param('vin'), new Date(clock()).getUTCFullYear()))),
  );
