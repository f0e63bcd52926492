import { ask, write } from '../both/api.js';

// The access token lives in this page's memory alone. The refresh token has to outlive a reload, so it lies in
// sessionStorage: it ends with the tab, where that of the whole site would keep a whole shift signed in on a shared tablet.
const PLACE = 'refresh_token';
const EARLY_MS = 60_000;

let access = null;
let refreshing = null;
let onEnd = () => undefined;

export const whenSessionEnds = (listener) => {
  onEnd = listener;
};

export const signIn = async (email, password) => {
  const answer = await ask('POST', '/v1/auth/login', { body: JSON.stringify({ email, password }) });
  if (answer.ok) keep(answer.data);
  return answer;
};

/** Whoever was signed in before a reload, still is. `answer` tells why not, when that is not plain. */
export const resume = async () => {
  if (sessionStorage.getItem(PLACE) === null) return { isSignedIn: false };
  const answer = await refresh();
  return answer.ok ? { isSignedIn: true } : { isSignedIn: false, answer };
};

export const person = () => access?.staff ?? null;

export const signOut = async () => {
  const refresh_token = sessionStorage.getItem(PLACE);
  forget();
  if (refresh_token !== null)
    await ask('POST', '/v1/auth/logout', { body: JSON.stringify({ refresh_token }) });
};

/** A token that is good for another minute; null with the answer that says why there is none. */
export const freshToken = async () => {
  if (access !== null && access.until - EARLY_MS > Date.now()) return { token: access.token };
  const answer = await refresh();
  return answer.ok ? { token: access.token } : { token: null, answer };
};

export const asked = (path, options = {}) => authorized((token) => ask('GET', path, { ...options, token }));
export const written = (method, path, options = {}) =>
  authorized((token) => write(method, path, { ...options, token }));

/** A token that the server does not take any more is renewed once. */
const authorized = async (send) => {
  const { token, answer } = await freshToken();
  if (token === null) return answer;
  const first = await send(token);
  if (first.status !== 401) return first;
  const renewed = await refresh();
  return renewed.ok ? send(access.token) : renewed;
};

/** One at a time: a refresh token can be used once. */
const refresh = () => {
  refreshing ??= renew().finally(() => {
    refreshing = null;
  });
  return refreshing;
};

const renew = async () => {
  const refresh_token = sessionStorage.getItem(PLACE);
  if (refresh_token === null) return ended({ message: 'You are signed out. Sign in again.' });
  const answer = await ask('POST', '/v1/auth/refresh', { body: JSON.stringify({ refresh_token }) });
  if (answer.ok) keep(answer.data);
  else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
    forget();
    onEnd(answer);
  }
  return answer;
};

const ended = (error) => {
  const answer = { ok: false, status: 401, data: null, error };
  onEnd(answer);
  return answer;
};

const keep = ({ access_token, expires_in, refresh_token, staff }) => {
  access = { token: access_token, until: Date.now() + expires_in * 1000, staff };
  sessionStorage.setItem(PLACE, refresh_token);
};

const forget = () => {
  access = null;
  sessionStorage.removeItem(PLACE);
};
