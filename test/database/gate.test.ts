import { describe, expect, test } from 'bun:test';
import { createGate, type Purpose } from '../../src/database/gate.ts';
import { Failure } from '../../src/errors.ts';
import { rejectionOf } from './opened.ts';

const gateOf = (max: number, options: { queueMax?: number; acquireTimeoutMs?: number } = {}) =>
  createGate({ max, queueMax: 100, acquireTimeoutMs: 5000, ...options });

const enter = (gate: ReturnType<typeof gateOf>, purpose: Purpose = 'read'): Promise<void> =>
  gate.tryEnter(purpose) ? Promise.resolve() : gate.wait(purpose);

describe('the gate', () => {
  test('lets at most max in, and the next one in when one leaves', async () => {
    const gate = gateOf(2);
    expect([gate.tryEnter('read'), gate.tryEnter('read'), gate.tryEnter('read')]).toEqual([
      true,
      true,
      false,
    ]);
    const third = gate.wait('read');
    expect(gate.counters()).toMatchObject({ inUse: 2, waiting: 1 });
    gate.leave('read');
    await third;
    expect(gate.counters()).toMatchObject({ inUse: 2, waiting: 0 });
  });

  test('serves in the order of arrival, readers and writers alike', async () => {
    const gate = gateOf(1);
    await enter(gate);
    const served: string[] = [];
    const waiting = (['read', 'write', 'read', 'write', 'write', 'read'] as const).map(
      async (purpose, index) => {
        await enter(gate, purpose);
        served.push(`${index} ${purpose}`);
        gate.leave(purpose);
      },
    );
    gate.leave('read');
    await Promise.all(waiting);
    expect(served).toEqual(['0 read', '1 write', '2 read', '3 write', '4 write', '5 read']);
  });

  test.each([
    [1, 1],
    [2, 1],
    [4, 3],
    [20, 15],
  ])('of %i places gives at most %i to writers, and the rest still to readers', (max, writers) => {
    const gate = gateOf(max);
    const taken = Array.from({ length: max }, () => gate.tryEnter('write')).filter(Boolean).length;
    expect(taken).toBe(writers);
    const read = Array.from({ length: max }, () => gate.tryEnter('read')).filter(Boolean).length;
    expect(read).toBe(max - writers);
  });

  test('a waiting writer does not hold up the readers behind it', async () => {
    const gate = gateOf(4);
    for (let index = 0; index < 3; index += 1) gate.tryEnter('write');
    const writer = gate.wait('write');
    expect(gate.tryEnter('read')).toBe(true);
    gate.leave('write');
    await writer;
  });

  test('refuses who waited too long with database.busy and a Retry-After, at the time it says', async () => {
    const gate = gateOf(1, { acquireTimeoutMs: 60 });
    gate.tryEnter('read');
    const began = performance.now();
    const error = await rejectionOf(gate.wait('read'));
    expect(performance.now() - began).toBeWithin(55, 260);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ reason: 'database.busy', kind: 'unavailable', retryAfterS: 1 });
    gate.leave('read');
    expect(gate.tryEnter('read')).toBe(true);
  });

  test('refuses at once when the line is full', async () => {
    const gate = gateOf(1, { queueMax: 2 });
    gate.tryEnter('read');
    const waiting = [gate.wait('read'), gate.wait('write')];
    expect(await rejectionOf(gate.wait('read'))).toMatchObject({ reason: 'database.busy' });
    expect(gate.counters()).toMatchObject({ waiting: 2, refused: 1 });
    gate.leave('read');
    await waiting[0];
    gate.leave('read');
    await waiting[1];
  });

  test('sends everybody in line away when it is cleared, and works on', async () => {
    const gate = gateOf(1);
    gate.tryEnter('read');
    const waiting = Promise.all([gate.wait('read'), gate.wait('write')].map(rejectionOf));
    gate.clear(new Error('away'));
    expect(String((await waiting)[0])).toBe('Error: away');
    gate.leave('read');
    expect(gate.tryEnter('write')).toBe(true);
  });

  test('loses no place and no waiter over 20,000 turns with time-outs between them', async () => {
    const gate = gateOf(5, { acquireTimeoutMs: 3, queueMax: 1000 });
    let inside = 0;
    let most = 0;
    let refused = 0;
    const turn = async (index: number): Promise<void> => {
      const purpose = index % 3 === 0 ? 'write' : 'read';
      try {
        await enter(gate, purpose);
      } catch {
        refused += 1;
        return;
      }
      inside += 1;
      most = Math.max(most, inside);
      await (index % 50 === 0 ? Bun.sleep(1) : Promise.resolve());
      inside -= 1;
      gate.leave(purpose);
    };
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 1000 }, (_, index) => turn(index)));
    }
    expect(most).toBe(5);
    expect(refused).toBeGreaterThan(0);
    expect(gate.counters()).toMatchObject({ inUse: 0, writing: 0, waiting: 0, refused });
  });
});
