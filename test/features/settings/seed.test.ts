import { expect, test } from 'bun:test';
import { seedSettings } from '../../../src/features/settings/commands.ts';
import { testApp } from '../../helpers/app.ts';

test('of twenty first starts at once one fills in the settings; later ones change nothing', async () => {
  const shop = await testApp();
  const owner = await shop.as('owner');
  await shop.sql`update settings set seeded_at = null`;
  await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      seedSettings(shop.sql, { name: `Shop ${at}`, zone: `Etc/GMT-${at % 12}` }),
    ),
  );
  const seeded = (await owner.get('/v1/settings')).data;
  const at = Number(/^Shop (\d+)$/.exec(seeded.shop_name)?.[1]);
  expect(seeded.timezone).toBe(`Etc/GMT-${at % 12}`);

  await owner.patch('/v1/settings', { shop_name: 'Renamed' });
  await seedSettings(shop.sql, { name: 'Shop of the next start', zone: 'UTC' });
  const now = (await owner.get('/v1/settings')).data;
  expect([now.shop_name, now.timezone, now.version]).toEqual(['Renamed', seeded.timezone, 2]);
});

test('filling in is no change of anybody: the journal does not tell of it', async () => {
  const shop = await testApp();
  const owner = await shop.as('owner');
  expect((await owner.get('/v1/audit?entity=settings')).data.items).toEqual([]);
});
