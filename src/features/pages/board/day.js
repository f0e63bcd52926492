import { asked } from './session.js';
import { listen } from './stream.js';

/** While the stream is away the board is read again so often; while it is there only for what time alone changes. */
const POLL_MS = 3_000;
const LATE_MS = 60_000;

/** The board as the server last told it, kept up to date. `shown` is called at each change, of the connection too. */
export const watchDay = (shown) => {
  const day = {
    /** Undefined: today, whatever day that is by then. */
    date: undefined,
    technicianId: '',
    board: null,
    /** Of the last answer that was none. */
    refusal: null,
    readAt: null,
    /** live, reconnecting or offline */
    connection: 'reconnecting',
  };
  let etag = null;
  let isLive = false;
  let reading = null;
  let isAgain = false;
  let timer;

  const pathOf = () => {
    const query = new URLSearchParams({
      ...(day.date === undefined ? {} : { date: day.date }),
      ...(day.technicianId === '' ? {} : { technician_id: day.technicianId }),
    });
    return `/v1/board?${query}`;
  };

  /** One at a time, and once more when something happened meanwhile. */
  const read = () => {
    if (reading !== null) {
      isAgain = true;
      return reading;
    }
    reading = readOnce().finally(() => {
      reading = null;
      if (!isAgain) return;
      isAgain = false;
      void read();
    });
    return reading;
  };

  /** What was done before this was called is in what it reads. */
  const readAfresh = async () => {
    await reading;
    return read();
  };

  const readOnce = async () => {
    const path = pathOf();
    const answer = await asked(path, { headers: etag === null ? {} : { 'If-None-Match': etag } });
    // Another day was chosen meanwhile: it is read next.
    if (path !== pathOf()) return;
    if (answer.ok) {
      day.board = answer.data;
      etag = answer.etag;
    }
    const isThere = answer.ok || answer.status === 304;
    if (isThere && day.connection === 'offline') stream.hurry();
    day.refusal = isThere ? null : answer;
    if (isThere) day.readAt = new Date();
    connect();
    plan();
    shown(day);
  };

  const connect = () => {
    const isAway = day.refusal !== null && (day.refusal.status === 0 || day.refusal.status >= 500);
    day.connection = isAway ? 'offline' : isLive ? 'live' : 'reconnecting';
  };

  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(read, isLive && day.refusal === null ? LATE_MS : POLL_MS);
  };

  const stream = listen({
    heard: read,
    changed: (live) => {
      if (live === isLive) return;
      isLive = live;
      connect();
      shown(day);
      void read();
    },
  });

  const choose = (changes) => {
    Object.assign(day, changes, { board: null, refusal: null });
    etag = null;
    shown(day);
    return read();
  };

  void read();
  return {
    day,
    readAfresh,
    choose,
    stop: () => {
      clearTimeout(timer);
      stream.stop();
    },
  };
};
