import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { answerHashed, answerText, changed } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Board, BoardStats, Card } from '../../shapes/board.ts';
import type { Travel } from '../availability/types.ts';
import { moveCard } from './commands.ts';
import { readBoard } from './queries.ts';
import { boardDay } from './rules.ts';
import { BoardQuery, CardMove, StatsQuery } from './schema.ts';
import { readStats } from './stats.ts';

export const board = ({ clock, travel }: { clock: () => number; travel: Travel | undefined }) => {
  const instant = (): string => new Date(clock()).toISOString();
  return new Hono<Env>()
    .get(
      '/',
      accept({
        summary: 'Shows the board of a day: its jobs, and what was begun before and is not finished',
        query: BoardQuery,
        answers: Board,
        isOneThing: true,
      }),
      async (c) => {
        const { date, technician_id: technicianId } = c.req.valid('query');
        const { zone } = c.get('shop');
        const now = instant();
        const day = boardDay(date, { zone, now });
        return answerHashed(c, await readBoard(c.get('sql'), { day, zone, now, technicianId }));
      },
    )
    .get(
      '/stats',
      accept({ summary: 'Tells the figures of a day', query: StatsQuery, answers: BoardStats }),
      async (c) => {
        const { zone } = c.get('shop');
        const day = boardDay(c.req.valid('query').date, { zone, now: instant() });
        return answerText(c, await readStats(c.get('sql'), day, zone));
      },
    )
    .put(
      '/cards/:id',
      accept({
        summary: 'Moves a card to a place on the board, and its job into the state of that column',
        body: CardMove,
        answers: Card,
        refuses: [
          ...(['appointment.not_found', 'appointment.stale', 'appointment.move_refused'] as const),
          ...(['appointment.slot_taken', 'appointment.vehicle_busy'] as const),
          ...(['appointment.travel_infeasible', 'board.card_moved'] as const),
        ],
        example: { status: 'en_route', position: 0, version: 1 },
      }),
      async (c) => {
        const move = {
          ...{ id: pathId(c, 'appointment'), ...c.req.valid('json') },
          ...{ expected: expectedVersion(c), zone: c.get('shop').zone },
        };
        return write(c, async (tx, { actor }) =>
          changed(await moveCard(tx, { actor, now: instant(), travel }, move)),
        );
      },
    );
};
