// Money, lengths of time and what to do next, as a person reads them.

const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });

export const priceOf = (cents) => money.format(cents / 100);

/** 95 → "1 h 35 min". */
export const lengthOf = (minutes) => {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
};

export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** 612 → "10:12". */
export const clockOf = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

/** The API's sentence as it came, and what to do next where it does not say so itself. */
export const toldOf = ({ status, error, retryAfterS }) => [ended(error.message), nextOf(status, retryAfterS)];

const ended = (sentence) => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);

const nextOf = (status, retryAfterS) => {
  if (status === 0) return 'Check your connection, then try again. Nothing that you have typed is lost.';
  if (status === 429) return `Try again in ${waitOf(retryAfterS ?? 60)}.`;
  if (status >= 500) return `Try again in ${waitOf(retryAfterS ?? 10)}. Nothing that you have typed is lost.`;
  return undefined;
};

const waitOf = (seconds) =>
  seconds < 90
    ? counted(Math.max(1, Math.ceil(seconds)), 'second')
    : counted(Math.ceil(seconds / 60), 'minute');
