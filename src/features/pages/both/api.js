// The only file that speaks to the server. What it returns is what the API said, or that it could not be asked.

const PATIENCE_MS = 20_000;
const MOST_TRIES = 6;

const OFFLINE = {
  reason: 'page.offline',
  message: 'The shop cannot be reached.',
};
const UNREADABLE = {
  reason: 'page.unreadable',
  message: 'The answer of the shop could not be read.',
};

/** { ok, status, data, error, etag, retryAfterS }; never throws. `status` is 0 when there was no answer. */
export const ask = async (method, path, { body, headers = {}, token } = {}) => {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return await read(response);
  } catch {
    return { ok: false, status: response?.status ?? 0, data: null, error: response ? UNREADABLE : OFFLINE };
  }
};

const read = async (response) => {
  const { ok, data, error } = await response.json();
  const retryAfterS = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return {
    ok: ok === true,
    status: response.status,
    data,
    error: ok === true ? null : (error ?? UNREADABLE),
    etag: response.headers.get('ETag'),
    ...(Number.isFinite(retryAfterS) ? { retryAfterS } : {}),
  };
};

/** All pages of a list, the first `most` at least. */
export const askAll = async (path, { most = 500, ...options } = {}) => {
  const items = [];
  let cursor = '';
  do {
    const answer = await ask('GET', `${path}${cursor}`, options);
    if (!answer.ok) return answer;
    items.push(...answer.data.items);
    const next = answer.data.next_cursor;
    cursor = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
  } while (cursor !== '' && items.length < most);
  return { ok: true, status: 200, data: { items }, error: null };
};

// A write whose fate is unknown keeps its key: sent again, it is done once.
const keys = new Map();

/** One write, once: whatever is pressed twice or sent again after a lost answer has one effect. */
export const write = async (method, path, { body, headers = {}, token } = {}) => {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const name = `${method} ${path} ${text ?? ''}`;
  const key = keys.get(name) ?? newKey();
  keys.set(name, key);
  const send = () =>
    ask(method, path, { body: text, token, headers: { ...headers, 'Idempotency-Key': key } });
  let answer = await send();
  for (let tries = 1; isRunning(answer) && tries < MOST_TRIES; tries += 1) {
    await new Promise((done) => setTimeout(done, 1000 * (answer.retryAfterS ?? 1)));
    answer = await send();
  }
  if (answer.status !== 0 && answer.status < 500 && !isRunning(answer)) keys.delete(name);
  return answer;
};

const isRunning = ({ error }) => error?.reason === 'idempotency.in_progress';

/** crypto.randomUUID is there under https alone, and a shop may try this out in its own network. */
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
