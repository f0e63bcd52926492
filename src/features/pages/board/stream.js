import { freshToken } from './session.js';

// Read with fetch, not EventSource: so the token goes in a header and stands in no address, and an answer that is no
// stream can be told from a lost one.
const SILENCE_MS = 40_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Listens to the board's events for as long as it may. `heard` is called at each event, the first word of each
 * connection included: whoever then reads the board has missed nothing. `changed(isLive)` tells how it stands.
 */
export const listen = ({ heard, changed }) => {
  let isOver = false;
  let pauseMs = FIRST_PAUSE_MS;
  let aborting = new AbortController();
  let wake = () => undefined;

  const connect = async () => {
    const { token } = await freshToken();
    if (token === null) return;
    aborting = new AbortController();
    const response = await fetch('/v1/board/events', {
      headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' },
      cache: 'no-store',
      credentials: 'omit',
      signal: aborting.signal,
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return;
    }
    await read(response.body.getReader());
  };

  const read = async (reader) => {
    const decoder = new TextDecoder();
    let text = '';
    let silence = watch();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = watch();
        text += decoder.decode(value, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop();
        if (!blocks.some((block) => /^event: /m.test(block))) continue;
        pauseMs = FIRST_PAUSE_MS;
        changed(true);
        heard();
      }
    } finally {
      clearTimeout(silence);
    }
  };

  /** Signs of life come every 15 seconds: who hears none for long is not connected any more. */
  const watch = () => setTimeout(() => aborting.abort(), SILENCE_MS);

  const pause = () =>
    new Promise((done) => {
      const timer = setTimeout(done, pauseMs);
      wake = () => {
        clearTimeout(timer);
        done();
      };
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    });

  const run = async () => {
    while (!isOver) {
      await connect().catch(() => undefined);
      if (isOver) return;
      changed(false);
      await pause();
    }
  };
  const hurry = () => {
    pauseMs = FIRST_PAUSE_MS;
    wake();
  };
  addEventListener('online', hurry);
  void run();
  return {
    /** Tries again at once, for the server answers again. */
    hurry,
    stop: () => {
      isOver = true;
      removeEventListener('online', hurry);
      aborting.abort();
      wake();
    },
  };
};
