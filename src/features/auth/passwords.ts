import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { ROLES } from '../../access.ts';
import { fail } from '../../errors.ts';

const MIN_LENGTH = 15;
const MAX_LENGTH = 256;
const MIN_GUESSES_LOG10 = 8;
// The estimator's time grows faster than the text: 64 characters cost 5 ms, 256 cost 120 ms.
const ESTIMATED_LENGTH = 64;
const MIN_NAME_LENGTH = 4;
// owner@… names nobody: its local part may stand in a password.
const ROLE_WORDS: ReadonlySet<string> = new Set(ROLES);

/** OWASP's argon2id setting: 28 ms; Bun's own default costs 102 ms and 64 MiB. */
const ARGON = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const;
const MAX_HASHING = 2;
const MAX_WAITING = 64;

type Names = { email: string; name: string; shopName: string };

/**
 * Throws password.too_weak (422). Length 15 to 256, any characters, no composition rules, refused when common or
 * when it holds the account's or the shop's name (NIST SP 800-63B-4, 3.1.1.2).
 */
export const assertStrongPassword = async (password: string, names: Names, path: string): Promise<void> => {
  const fault = await faultOf(password, names);
  if (fault === undefined) return;
  throw fail('password.too_weak', `The password ${fault}. Take a longer sentence that only you know.`, {
    issues: [{ path, message: fault }],
  });
};

const faultOf = async (password: string, names: Names): Promise<string | undefined> => {
  if (!password.isWellFormed()) return 'must be well-formed Unicode';
  const length = [...normal(password)].length;
  if (length < MIN_LENGTH) return `must be at least ${MIN_LENGTH} characters long`;
  if (length > MAX_LENGTH) return `must be at most ${MAX_LENGTH} characters long`;
  if (namesIn(names).some((name) => plain(password).includes(name))) {
    return "must not hold the account's or the shop's name";
  }
  const { guessesLog10 } = (await estimator()).check(password.slice(0, ESTIMATED_LENGTH));
  return guessesLog10 < MIN_GUESSES_LOG10 ? 'is too common or too easy to guess' : undefined;
};

// Read and made at the first use: it is a third of what a worker's start would cost, and most never need it.
let made: Promise<ZxcvbnFactory> | undefined;
const estimator = (): Promise<ZxcvbnFactory> => {
  made ??= makeEstimator();
  return made;
};

const makeEstimator = async (): Promise<ZxcvbnFactory> => {
  const [{ ZxcvbnFactory: Factory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new Factory({ dictionary: { passwords: dictionary['passwords-common'] }, graphs: adjacencyGraphs });
};

const namesIn = ({ email, name, shopName }: Names): string[] =>
  [email, email.split('@')[0] ?? '', name, shopName]
    .map(plain)
    .filter((one) => one.length >= MIN_NAME_LENGTH && !ROLE_WORDS.has(one));

/** Letters and digits alone, without case and accents: a name is the same name however it is typed. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Canonically equal Unicode texts (é typed in two ways) are one password. */
const normal = (password: string): string => password.normalize('NFC');

export const hashPassword = (password: string): Promise<string> =>
  inTurn(() => Bun.password.hash(normal(password), ARGON));

/** Takes the same time whether there is such an account or not: without one a decoy's hash is checked. */
export const isPasswordOf = async (password: string, hash: string | undefined): Promise<boolean> => {
  const matches = await inTurn(() => Bun.password.verify(normal(password), hash ?? DECOY_HASH));
  return matches && hash !== undefined;
};

/** Of a text that was thrown away; made as ARGON says, so that it takes as long. */
export const DECOY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$1oJQkizXznUYsPFLzAmurESg7powP5OwNFbT3IGFf2E$qkqU7DKUdt7ofjikPCa/7YkxLR0yRnYD3RoXLjqefM0';

// Hashing uses whole cores: more at once would slow every other request of this process.
let hashing = 0;
const waiting: (() => void)[] = [];

/** At most MAX_HASHING at once, MAX_WAITING behind them; else auth.busy (503). */
const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
  if (hashing < MAX_HASHING) hashing += 1;
  else if (waiting.length >= MAX_WAITING) {
    throw fail('auth.busy', 'Too many people log in at this moment. Try again in a second.', {
      retryAfterS: 1,
    });
  } else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    // The slot is handed over, not freed: nobody can overtake the one that waited longest.
    const next = waiting.shift();
    if (next === undefined) hashing -= 1;
    else next();
  }
};
