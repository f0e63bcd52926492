import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aPerson, bearer, logIn, me } from '../auth/people.ts';

const shop = await testApp();
const owner = await shop.as('owner');
// So that no test takes the last owner away by chance.
await shop.as('owner');

describe('PATCH /v1/staff/{id}', () => {
  test('200: only what is named changes; version, ETag and updated_at rise', async () => {
    const person = await aPerson(shop, { name: 'Before' });
    const path = `/v1/staff/${person.id}`;
    const { data: before } = await owner.get(path);
    const { status, data, headers } = await owner.patch(path, { name: 'After' });
    expect(status).toBe(200);
    expect(data).toEqual({ ...before, name: 'After', version: 2, updated_at: data.updated_at });
    expect(Date.parse(data.updated_at)).toBeGreaterThanOrEqual(Date.parse(before.updated_at));
    expect(headers.get('etag')).toBe('"2"');
    expect((await owner.get(path)).data).toEqual(data);
  });

  test('200: a new address is the one to log in with', async () => {
    const person = await aPerson(shop);
    const email = `New-${newId()}@shop.test`;
    await owner.patch(`/v1/staff/${person.id}`, { email });
    expect((await logIn(shop, person)).status).toBe(401);
    expect((await logIn(shop, { ...person, email })).data.staff.email).toBe(email.toLowerCase());
  });

  test('200: another role ends the sessions of the account; another name or the same role does not', async () => {
    const person = await aPerson(shop);
    const path = `/v1/staff/${person.id}`;
    const { access_token } = (await logIn(shop, person)).data;
    await owner.patch(path, { name: 'Other Name', role: 'advisor', is_active: true });
    expect((await me(shop, access_token)).data.name).toBe('Other Name');
    await owner.patch(path, { role: 'accountant' });
    expect((await me(shop, access_token)).status).toBe(401);
    expect((await logIn(shop, person)).data.staff.role).toBe('accountant');
  });

  test('200: deactivated, the account can neither go on nor log in; active again it can', async () => {
    const person = await aPerson(shop);
    const path = `/v1/staff/${person.id}`;
    const { access_token } = (await logIn(shop, person)).data;
    expect((await owner.patch(path, { is_active: false })).data.is_active).toBe(false);
    expect((await me(shop, access_token)).status).toBe(401);
    expect((await logIn(shop, person)).error.reason).toBe('auth.credentials_wrong');
    await owner.patch(path, { is_active: true });
    expect((await logIn(shop, person)).status).toBe(200);
  });

  test('409 staff.email_taken says whose it is; one’s own address is not taken', async () => {
    const [one, other] = [await aPerson(shop), await aPerson(shop)];
    const { status, error } = await owner.patch(`/v1/staff/${one.id}`, { email: other.email.toUpperCase() });
    expect([status, error.reason, error.details]).toEqual([409, 'staff.email_taken', { id: other.id }]);
    expect((await owner.patch(`/v1/staff/${one.id}`, { email: one.email.toUpperCase() })).status).toBe(200);
  });

  test('412 staff.stale with the current version; of twenty at once with one ETag one is 200', async () => {
    const person = await aPerson(shop);
    const path = `/v1/staff/${person.id}`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        owner.patch(path, { name: `Name ${at}` }, { headers: { 'if-match': '"1"' } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)]);
    for (const { error } of answers) {
      if (error !== null) expect([error.reason, error.details]).toEqual(['staff.stale', { version: 2 }]);
    }
    expect((await owner.patch(path, { name: 'Any' }, { headers: { 'if-match': '*' } })).data.version).toBe(3);
  });

  test('404 for an id that is unknown or none at all', async () => {
    for (const id of [newId(), 'nobody']) {
      const { status, error } = await owner.patch(`/v1/staff/${id}`, { name: 'X Y' });
      expect([status, error.reason]).toEqual([404, 'staff.not_found']);
    }
  });

  test('422 for fields that are unknown, empty, null or not to be changed', async () => {
    const { id } = await aPerson(shop);
    const cases: [object, string][] = [
      [{ name: '' }, 'name'],
      [{ name: null }, 'name'],
      [{ email: null }, 'email'],
      [{ email: '' }, 'email'],
      [{ role: 'boss' }, 'role'],
      [{ is_active: 'yes' }, 'is_active'],
      [{ is_active: null }, 'is_active'],
      [{ password: 'kelp ozone tundra vivid' }, 'password'],
      [{ password_hash: 'x' }, 'password_hash'],
      [{ version: 9 }, 'version'],
      [{ id: newId() }, 'id'],
    ];
    for (const [patch, path] of cases) {
      const { status, error } = await owner.patch(`/v1/staff/${id}`, patch);
      expect([status, error.issues[0].path]).toEqual([422, path]);
    }
    expect((await owner.get(`/v1/staff/${id}`)).data.version).toBe(1);
  });
});

describe('the last active owner', () => {
  test('409 staff.last_owner: cannot be demoted or deactivated; other changes pass', async () => {
    const own = await testApp();
    const only = await own.as('owner');
    const retired = await aPerson(own, { role: 'owner' });
    await own.sql`update staff set is_active = false where id = ${retired.id}`;
    const path = `/v1/staff/${only.staffId}`;
    for (const patch of [{ role: 'advisor' }, { is_active: false }, { role: 'advisor', is_active: false }]) {
      const { status, error } = await only.patch(path, patch);
      expect([status, error.reason]).toEqual([409, 'staff.last_owner']);
    }
    expect((await only.patch(path, { name: 'Still Owner', role: 'owner' })).status).toBe(200);
    expect((await only.patch(`/v1/staff/${retired.id}`, { is_active: true })).status).toBe(200);
    expect((await only.patch(path, { role: 'advisor' })).status).toBe(200);
  });

  test('two owners demote or deactivate each other, or themselves, at once: one stays', async () => {
    const own = await testApp();
    const away = [{ role: 'advisor' }, { is_active: false }];
    for (let round = 0; round < 10; round += 1) {
      await own.sql`update staff set is_active = false`;
      const [one, other] = [await own.as('owner'), await own.as('owner')];
      const targets = round % 2 === 0 ? [other, one] : [one, other];
      const answers = await Promise.all(
        [one, other].map((actor, at) =>
          actor.patch(`/v1/staff/${targets[at]?.staffId}`, away[(round + at) % 2] as Data),
        ),
      );
      const left = await own.sql`select id from staff where role = 'owner' and is_active`;
      expect(left).toHaveLength(1);
      for (const { status } of answers) expect([200, 401, 409]).toContain(status);
    }
  });

  test('an owner who is demoted is refused by the next request', async () => {
    const person = await aPerson(shop, { role: 'owner' });
    const { access_token } = (await logIn(shop, person)).data;
    await owner.patch(`/v1/staff/${person.id}`, { role: 'technician' });
    const answer = await shop.stranger.get('/v1/staff', { headers: bearer(access_token) });
    expect(answer.status).toBe(401);
  });
});
