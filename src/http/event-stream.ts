export type EventStream = {
  readable: ReadableStream<Uint8Array>;
  /** Bytes that the client has not taken yet, beyond what is on the way in its socket. */
  waiting(): number;
  /** False when there is no room for it: then nothing of it is kept. Who has taken everything has room for any chunk. */
  send(chunk: Uint8Array): boolean;
  end(): void;
  /** Ends it without what still waits, so that nobody takes it for an end of ours. */
  cut(why: string): void;
};

/**
 * Server-sent events to one client, with room for so many bytes: who writes never waits for who reads. `gone` hears
 * once that it is over, and why.
 */
export const openEventStream = (roomBytes: number, gone: (why: string) => void): EventStream => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let queue: Uint8Array[] = [];
  let waiting = 0;
  let isWanted = false;
  let isOver = false;

  const over = (why: string): void => {
    isOver = true;
    queue = [];
    waiting = 0;
    gone(why);
  };
  const flush = (): void => {
    isWanted = false;
    const [first] = queue;
    controller?.enqueue(queue.length === 1 && first !== undefined ? first : Buffer.concat(queue));
    queue = [];
    waiting = 0;
  };
  const readable = new ReadableStream<Uint8Array>(
    {
      start: (opened) => {
        controller = opened;
      },
      pull: () => {
        isWanted = true;
        if (waiting > 0) flush();
      },
      cancel: () => {
        if (!isOver) over('the client went away');
      },
    },
    { highWaterMark: 0 },
  );

  return {
    readable,
    waiting: () => waiting,
    send: (chunk) => {
      if (isOver || (waiting > 0 && waiting + chunk.length > roomBytes)) return false;
      queue.push(chunk);
      waiting += chunk.length;
      if (isWanted) flush();
      return true;
    },
    cut: (why) => {
      if (isOver) return;
      over(why);
      // Without an error: Bun would print it on stderr.
      controller?.error();
    },
    end: () => {
      if (isOver) return;
      if (waiting > 0) flush();
      over('ended');
      controller?.close();
    },
  };
};
