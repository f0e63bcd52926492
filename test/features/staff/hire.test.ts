import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { logIn } from '../auth/people.ts';

const shop = await testApp({ env: { SHOP_NAME: 'Wheels and More' } });
const owner = await shop.as('owner');

const password = 'kelp ozone tundra vivid';
const anAccount = (overrides: Data = {}): Data => ({
  email: `${newId()}@shop.test`,
  name: 'Sam Lee',
  role: 'advisor',
  password,
  ...overrides,
});

describe('POST /v1/staff', () => {
  test.each(['owner', 'advisor', 'technician', 'accountant'])(
    '201: an account with the role %s that can log in at once',
    async (role) => {
      const account = anAccount({ role });
      const { status, data, headers, text } = await owner.post('/v1/staff', account);
      expect(status).toBe(201);
      expect(headers.get('location')).toBe(`/v1/staff/${data.id}`);
      expect(headers.get('etag')).toBe('"1"');
      expect(data).toEqual({
        id: expect.any(String),
        email: account.email,
        name: 'Sam Lee',
        role,
        is_active: true,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/),
        updated_at: data.created_at,
        version: 1,
      });
      expect(text).not.toContain(password);
      expect((await logIn(shop, account)).data.staff).toEqual({
        id: data.id,
        email: account.email,
        name: 'Sam Lee',
        role,
      });
    },
  );

  test('201: address and name are trimmed, the address in small letters, the password kept as it is', async () => {
    const email = `Mixed-${newId()}@Shop.Test`;
    const made = await owner.post(
      '/v1/staff',
      anAccount({ email: ` ${email} `, name: '  Sam  ', password: ` ${password} ` }),
    );
    expect(made.data).toMatchObject({ email: email.toLowerCase(), name: 'Sam' });
    expect((await logIn(shop, { email, password })).status).toBe(401);
    expect((await logIn(shop, { email, password: ` ${password} ` })).status).toBe(200);
  });

  test('409 staff.email_taken, without case, says whose it is; also when that account is inactive', async () => {
    const account = anAccount();
    const { data: holder } = await owner.post('/v1/staff', account);
    const again = anAccount({ email: account.email.toUpperCase() });
    for (let round = 0; round < 2; round += 1) {
      const { status, error } = await owner.post('/v1/staff', again);
      expect([status, error.reason, error.details]).toEqual([409, 'staff.email_taken', { id: holder.id }]);
      await owner.patch(`/v1/staff/${holder.id}`, { is_active: false });
    }
  });

  test('ten at once with one address: one 201, nine 409', async () => {
    const account = anAccount();
    const answers = await Promise.all(Array.from({ length: 10 }, () => owner.post('/v1/staff', account)));
    const made = answers.find(({ status }) => status === 201);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    for (const { error } of answers) if (error !== null) expect(error.details).toEqual({ id: made?.data.id });
  });

  test('422 password.too_weak by the rules of passwords, and nobody is hired', async () => {
    const email = `rosalind-${newId()}@shop.test`;
    const weak = ['', 'fourteen chars', 'x'.repeat(257), '123456789012345', email];
    weak.push('my wheels and more', 'rosalind okonkwo it is');
    for (const attempt of weak) {
      const { status, error } = await owner.post(
        '/v1/staff',
        anAccount({ email, name: 'Rosalind Okonkwo', password: attempt }),
      );
      expect([attempt, status, error.reason]).toEqual([attempt, 422, 'password.too_weak']);
      expect(error.issues[0].path).toBe('password');
    }
    expect(await shop.sql`select 1 from staff where email = ${email}`).toHaveLength(0);
  });

  test('422 names each wrong field and repeats no password', async () => {
    const cases: [object, string][] = [
      [{ email: 'nobody' }, 'email'],
      [{ email: null }, 'email'],
      [{ name: '' }, 'name'],
      [{ name: ' ' }, 'name'],
      [{ name: 'x'.repeat(201) }, 'name'],
      [{ role: 'admin' }, 'role'],
      [{ role: 'customer' }, 'role'],
      [{ role: ['owner'] }, 'role'],
      [{ password: 123456789012345 }, 'password'],
      [{ password: null }, 'password'],
      [{ password: 'y'.repeat(20_000) }, 'password'],
      [{ id: newId() }, 'id'],
      [{ is_active: false }, 'is_active'],
      [{ password_hash: 'x' }, 'password_hash'],
      [{ version: 7 }, 'version'],
    ];
    for (const [overrides, path] of cases) {
      const { status, error, text } = await owner.post('/v1/staff', anAccount(overrides));
      expect([status, error.issues[0].path]).toEqual([422, path]);
      expect(text).not.toContain(password);
    }
    for (const field of ['email', 'name', 'role', 'password']) {
      const { [field]: _left, ...account } = anAccount();
      const { status, error } = await owner.post('/v1/staff', account);
      expect([status, error.issues]).toEqual([422, [{ path: field, message: 'is required' }]]);
    }
  });
});
