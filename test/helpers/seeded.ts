/** Another run tries other mixtures; TEST_SEED=… repeats one, as the failure's message says. */
export const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));

/** Random numbers below a limit, the same for the same seed and label (mulberry32). */
export const seeded = (label: string): ((limit: number) => number) => {
  let state = (SEED ^ Number(Bun.hash.crc32(label))) >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
};

/** So many different ones of them, in a random order. */
export const someOf = <T>(things: readonly T[], count: number, random: (limit: number) => number): T[] => {
  const left = [...things];
  return Array.from({ length: Math.min(count, things.length) }, () =>
    left.splice(random(left.length), 1),
  ).flat();
};
