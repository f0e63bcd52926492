import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { answerShape, changed } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { expectedVersion } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Settings } from '../../shapes/settings.ts';
import { changeSettings } from './commands.ts';
import { readSettings } from './queries.ts';
import { SettingsPatch } from './schema.ts';

export const settings = new Hono<Env>()
  .get(
    '/',
    accept({ summary: 'Reads the settings of the shop', answers: Settings, isOneThing: true }),
    async (c) => answerShape(c, await readSettings(c.get('sql'))),
  )
  .patch(
    '/',
    accept({
      summary: 'Changes the settings of the shop',
      body: SettingsPatch,
      answers: Settings,
      isOneThing: true,
      refuses: ['settings.stale'],
      example: { parts_tax_basis_points: 950, buffer_after_minutes: 15 },
    }),
    async (c) => {
      const change = { patch: c.req.valid('json'), expected: expectedVersion(c) };
      return write(c, async (tx) => changed(await changeSettings(tx, change)));
    },
  );
