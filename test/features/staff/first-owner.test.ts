import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../src/errors.ts';
import { ensureFirstOwner } from '../../../src/features/staff/commands.ts';
import { testApp } from '../../helpers/app.ts';
import { aPerson, logIn } from '../auth/people.ts';

const OWNER = {
  email: 'owner@shop.local',
  password: 'kelp ozone tundra vivid',
  name: 'The Owner',
  shopName: 'Wheels and More',
};

describe('the first owner', () => {
  test('twenty programs that start at once make one account, which can log in', async () => {
    const shop = await testApp();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        shop.sql.transaction((tx) => ensureFirstOwner(tx, { ...OWNER, email: `owner${at}@shop.local` })),
      ),
    );
    expect(outcomes.filter((isMade) => isMade)).toHaveLength(1);
    const email = `owner${outcomes.indexOf(true)}@shop.local`;
    expect(await shop.sql`select email, role, is_active from staff`).toEqual([
      { email, role: 'owner', is_active: true },
    ]);
    expect((await logIn(shop, { ...OWNER, email })).status).toBe(200);
  });

  test('is not made where there is any account, also an inactive one of another role', async () => {
    const shop = await testApp();
    const { id } = await aPerson(shop, { role: 'technician' });
    await shop.sql`update staff set is_active = false where id = ${id}`;
    expect(await shop.sql.transaction((tx) => ensureFirstOwner(tx, OWNER))).toBe(false);
  });

  test('a weak password is refused, and no account is made', async () => {
    const shop = await testApp();
    for (const password of ['short', 'passwordpassword', 'my wheels and more']) {
      const attempt = shop.sql.transaction((tx) => ensureFirstOwner(tx, { ...OWNER, password }));
      const failure = await attempt.then(() => undefined).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Failure);
      expect(failure).toMatchObject({ reason: 'password.too_weak' });
    }
    expect(await shop.sql`select 1 from staff`).toHaveLength(0);
  });
});
