import { describe, expect, test } from 'bun:test';
import { email } from '../../src/values/email.ts';
import { accepts, read } from './read.ts';

describe('email', () => {
  test('comes out trimmed and in lower case', () => {
    expect(read(email(), ' Sam.OConnor+Shop@Example.COM\n')).toBe('sam.oconnor+shop@example.com');
  });

  test.each([
    'a@b.co',
    "o'brien@example.com",
    'owner@shop.local',
    'x_y-z{1}@mail.example.co.uk',
    'sam@xn--mller-kva.xn--p1ai',
    `${'a'.repeat(64)}@example.com`,
    `a@${'b'.repeat(63)}.${'c'.repeat(63)}`,
  ])('takes %s', (address) => {
    expect(accepts(email(), address)).toBe(true);
  });

  test.each([
    '',
    '@',
    'sam',
    'sam@',
    '@example.com',
    'sam@example',
    'sam@@example.com',
    'sam@a@example.com',
    '.sam@example.com',
    'sam.@example.com',
    's..am@example.com',
    'sam@-example.com',
    'sam@example-.com',
    'sam@example..com',
    'sam@example.com.',
    'sam@127.0.0.1',
    'sam smith@example.com',
    'Sam <sam@example.com>',
    '"sam"@example.com',
    'sam@exämple.com',
    'sam@example.com\u0000',
    'sam@exam\nple.com',
    '\ud800@example.com',
    `${'a'.repeat(65)}@example.com`,
    `sam@${'a'.repeat(64)}.com`,
    `sam@example.${'c'.repeat(64)}`,
  ])('refuses %j and shows an address', (address) => {
    expect(read(email(), address)).toEqual({
      refused: ['must be an e-mail address, for example sam@example.com'],
    });
  });

  test('takes 254 characters and refuses 255', () => {
    const address = (length: number) => `${'a'.repeat(60)}@${'b.'.repeat(94)}${'c'.repeat(length - 249)}`;
    expect(address(254)).toHaveLength(254);
    expect(accepts(email(), address(254))).toBe(true);
    expect(read(email(), `${address(254)} !`)).toEqual({ refused: ['must be at most 254 characters long'] });
    expect(read(email(), address(255))).toEqual({ refused: ['must be at most 254 characters long'] });
  });

  test('answers at once to a long text made to make the pattern stumble', () => {
    const start = performance.now();
    for (const part of ['a', 'a.', 'a@', 'a-', 'a@a.']) accepts(email(), part.repeat(250_000));
    expect(performance.now() - start).toBeLessThan(500);
  });
});
