export interface Signals {
  /** Resolved by the first signal. */
  asked: Promise<void>;
  isAsked(): boolean;
  /** Throws once a signal was heard: the place between two steps of a start. */
  check(): void;
  /** What the second signal runs before it ends the process at once. */
  onSecond(act: () => void): void;
  /** What SIGUSR2 runs, and SIGHUP too; but on a terminal that means that the window was closed, and ends the program. */
  onHangup(act: () => void): void;
}

const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type Name = keyof typeof NUMBERS;

/** The first signal asks for an end in good order, a second one ends at once. */
export const listenForSignals = (): Signals => {
  const first = Promise.withResolvers<void>();
  let isAsked = false;
  let last = (): void => undefined;
  let hangUp = (): void => undefined;
  const hear = (name: Name) => (): void => {
    if (isAsked) {
      last();
      process.exit(128 + NUMBERS[name]);
    }
    isAsked = true;
    first.resolve();
  };
  const names: Name[] = ['SIGINT', 'SIGTERM'];
  // A closed terminal window; without a terminal this signal is free for another meaning.
  if (process.stdin.isTTY) names.push('SIGHUP');
  else process.on('SIGHUP', () => hangUp());
  // Before there is anything to reload, it must not end the start.
  process.on('SIGUSR2', () => hangUp());
  for (const name of names) process.on(name, hear(name));
  return {
    asked: first.promise,
    isAsked: () => isAsked,
    check: () => {
      if (isAsked) throw new Error('asked to end during the start');
    },
    onSecond: (act) => {
      last = act;
    },
    onHangup: (act) => {
      hangUp = act;
    },
  };
};
