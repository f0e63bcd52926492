import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../src/errors.ts';
import {
  assertStrongPassword,
  DECOY_HASH,
  hashPassword,
  isPasswordOf,
} from '../../../src/features/auth/passwords.ts';
import { testApp } from '../../helpers/app.ts';
import { aPerson, logIn } from './people.ts';

const shop = await testApp();

const NAMES = { email: 'jose.perez@shop.test', name: 'José Pérez', shopName: "Edgar's Mobile Auto Shop" };

const faultOf = async (password: string, names = NAMES): Promise<string | undefined> => {
  try {
    await assertStrongPassword(password, names, 'password');
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.reason).toBe('password.too_weak');
    expect(error.issues?.[0]?.path).toBe('password');
    return error.issues?.[0]?.message;
  }
};

// Words drawn at random, so that the estimator finds nothing common in them.
const SENTENCE = 'kelp ozone tundra vivid quartz ';

describe('what makes a password', () => {
  test('15 to 256 characters, counted as people count: an emoji is one', async () => {
    expect(await faultOf('kelp-ozone-tun')).toBe('must be at least 15 characters long');
    expect(await faultOf('kelp-ozone-tund')).toBeUndefined();
    expect(await faultOf('🦊🐢🚗🔧🌵🎷🧀🪁🌋🦉🍉🎲🧲🪴')).toBe('must be at least 15 characters long');
    expect(await faultOf('🦊🐢🚗🔧🌵🎷🧀🪁🌋🦉🍉🎲🧲🪴🛞')).toBeUndefined();
    expect(await faultOf(SENTENCE.repeat(9).slice(0, 256))).toBeUndefined();
    expect(await faultOf(SENTENCE.repeat(9).slice(0, 257))).toBe('must be at most 256 characters long');
    expect(await faultOf('🦊🐢🚗🔧🌵🎷🧀🪁'.repeat(32))).toBeUndefined();
  });

  test('one text typed in two ways of Unicode is judged alike', async () => {
    const composed = 'é'.repeat(8);
    expect(await faultOf(composed.normalize('NFD'))).toBe((await faultOf(composed)) ?? 'refused');
  });

  test('no composition rules: small letters, digits or spaces alone will do', async () => {
    for (const good of [
      'kelpozonetundravivid',
      '739105628401937',
      'k e l p  o z o n e',
      'ключ озон тундра мир',
    ]) {
      expect([good, await faultOf(good)]).toEqual([good, undefined]);
    }
  });

  test('common ones and patterns are refused', async () => {
    const common = [
      'passwordpassword',
      '123456789012345',
      '111111111111111',
      'qwertyuiopasdfgh',
      'abcdefghijklmnop',
      'iloveyouiloveyou',
      'Password12345678',
      'letmeinletmeinletmein',
    ];
    for (const password of common) {
      expect([password, await faultOf(password)]).toEqual([password, 'is too common or too easy to guess']);
    }
  });

  test("the account's or the shop's name in it is refused, in any case, spelling and Unicode form", async () => {
    const holding = [
      'kelp jose.perez ozone',
      'kelp JOSE PEREZ ozone',
      'kelp josé-pérez ozone',
      'kelp josé pérez ozone'.normalize('NFD'),
      'edgars mobile auto shop kelp',
      "Edgar'sMobileAutoShop 77",
      'jose.perez@shop.test kelp',
    ];
    for (const password of holding) {
      expect([password, await faultOf(password)]).toEqual([
        password,
        "must not hold the account's or the shop's name",
      ]);
    }
    const decomposed = { ...NAMES, name: NAMES.name.normalize('NFD') };
    expect(await faultOf('kelp josé pérez ozone', decomposed)).toBeDefined();
  });

  test('a short name, or a role for a name, is no ground to refuse', async () => {
    const names = { email: 'owner@shop.local', name: 'Al', shopName: 'Go' };
    expect(await faultOf('kelp ozone owner also gone', names)).toBeUndefined();
  });

  test('lone surrogates are refused: no second device could type them', async () => {
    expect(await faultOf(`${SENTENCE}\ud800`)).toBe('must be well-formed Unicode');
  });
});

describe('the hash of a password', () => {
  test('is argon2id, salted', async () => {
    const [one, other] = [await hashPassword(SENTENCE), await hashPassword(SENTENCE)];
    expect(one).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$');
    expect(other).not.toBe(one);
  });

  test('counts every byte: the 73rd, the 256th, spaces at both ends, case', async () => {
    const base = SENTENCE.repeat(3).slice(0, 72);
    const pairs: [string, string][] = [
      [base, `${base}x`],
      [`${base}x`, `${base}y`],
      [`${SENTENCE.repeat(9).slice(0, 255)}a`, `${SENTENCE.repeat(9).slice(0, 255)}b`],
      [SENTENCE, SENTENCE.trim()],
      [SENTENCE, ` ${SENTENCE}`],
      [SENTENCE, SENTENCE.toUpperCase()],
      [`${SENTENCE}\0a`, `${SENTENCE}\0b`],
    ];
    for (const [password, near] of pairs) {
      const hash = await hashPassword(password);
      expect(await isPasswordOf(password, hash)).toBe(true);
      expect(await isPasswordOf(near, hash)).toBe(false);
    }
  });

  test('NFC and NFD of one text are one password', async () => {
    const hash = await hashPassword('señor núñez común'.normalize('NFD'));
    expect(await isPasswordOf('señor núñez común'.normalize('NFC'), hash)).toBe(true);
    expect(await isPasswordOf('senor nunez comun', hash)).toBe(false);
  });

  test('the decoy costs what any hash costs', async () => {
    const costOf = (hash: string): string => hash.split('$').slice(0, 4).join('$');
    expect(costOf(DECOY_HASH)).toBe(costOf(await hashPassword(SENTENCE)));
  });

  test('nobody’s hash fits nothing', async () => {
    expect(await isPasswordOf('', undefined)).toBe(false);
    expect(await isPasswordOf(SENTENCE, undefined)).toBe(false);
  });

  test('a hundred at once: some are asked to come again in a second, the others are answered', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, () => isPasswordOf(SENTENCE, undefined)),
    );
    const refused = outcomes.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
    expect(refused).toHaveLength(34);
    for (const failure of refused) expect(failure).toMatchObject({ reason: 'auth.busy', retryAfterS: 1 });
    expect(await isPasswordOf(SENTENCE, await hashPassword(SENTENCE))).toBe(true);
  });
});

describe('every password that can be set can be used', () => {
  test.each([
    ['256 emoji', '🦊🐢🚗🔧🌵🎷🧀🪁'.repeat(32)],
    ['256 letters', SENTENCE.repeat(9).slice(0, 255).concat('x')],
    ['spaces at both ends', `  ${SENTENCE}  `],
    ['line ends and tabs', `${SENTENCE}\n\t${SENTENCE}`],
    ['a composed text', 'kelp ozone tundra é'.normalize('NFC')],
  ])('%s', async (_name, password) => {
    expect(await faultOf(password)).toBeUndefined();
    const person = await aPerson(shop, { password });
    expect((await logIn(shop, person)).status).toBe(200);
    expect((await logIn(shop, { ...person, password: password.normalize('NFD') })).status).toBe(200);
  });
});
