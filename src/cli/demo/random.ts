/** Chance that is the same on every machine and every run: all of it follows from the label. */
export type Random = {
  /** From 0 up to, but not including, 1. */
  unit(): number;
  /** Both ends are possible. */
  whole(min: number, max: number): number;
  chance(share: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** Weights need not sum up to anything. */
  pickWeighted<Item>(items: readonly (readonly [Item, number])[]): Item;
  shuffle<Item>(items: readonly Item[]): Item[];
};

export const randomOf = (label: string): Random => {
  const unit = sequenceOf(label);
  const whole = (min: number, max: number): number => min + Math.floor(unit() * (max - min + 1));
  const pick = <Item>(items: readonly Item[]): Item => only(items[whole(0, items.length - 1)]);
  const pickWeighted = <Item>(items: readonly (readonly [Item, number])[]): Item => {
    let left = unit() * items.reduce((sum, [, weight]) => sum + weight, 0);
    const found = items.find(([, weight]) => {
      left -= weight;
      return left < 0;
    });
    return only(found ?? items.at(-1))[0];
  };
  const shuffle = <Item>(items: readonly Item[]): Item[] =>
    items
      .map((item) => ({ item, key: unit() }))
      .sort((one, other) => one.key - other.key)
      .map(({ item }) => item);
  return { unit, whole, chance: (share) => unit() < share, pick, pickWeighted, shuffle };
};

/** An id in the form of a UUIDv7 of that moment (milliseconds); what else is random in it follows from the label. */
export const idOf = (label: string, at: number): string => {
  const [a, b, c] = hash(label);
  const time = hex(at, 12);
  const variant = hex((b >>> 16) & 0x3fff, 4, 0x8000);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(a & 0xfff, 3)}-${variant}-${hex(c, 8)}${hex(b & 0xffff, 4)}`;
};

const hex = (number: number, digits: number, base = 0): string =>
  (number + base).toString(16).padStart(digits, '0');

const only = <Item>(item: Item | undefined): Item => {
  if (item === undefined) throw new RangeError('There is nothing to choose from.');
  return item;
};

/** sfc32, a generator with 128 bits of state: https://pracrand.sourceforge.net */
const sequenceOf = (label: string): (() => number) => {
  let [a, b, c, counter] = hash(label);
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
};

type Words = [number, number, number, number];

/** 128 bits of a text; it needs to spread, not to keep secrets. */
const hash = (text: string): Words => {
  const words: Words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xc2b2ae35];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    words[0] = words[1] ^ Math.imul(words[0] ^ code, 597399067);
    words[1] = words[2] ^ Math.imul(words[1] ^ code, 2869860233);
    words[2] = words[3] ^ Math.imul(words[2] ^ code, 951274213);
    words[3] = words[0] ^ Math.imul(words[3] ^ code, 2716044179);
  }
  const mixed = (words[0] ^ words[1] ^ words[2] ^ words[3]) | 0;
  return [finish(words[0] ^ mixed), finish(words[1]), finish(words[2] ^ mixed), finish(words[3])];
};

/** The last step of MurmurHash3: each bit of the input changes about half of the output. */
const finish = (word: number): number => {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};
