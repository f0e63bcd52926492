const EVERY_MS = 2_000;
const MEGABYTE = 1_000_000;

type Said = { say: (line: string) => void; line: () => string; everyMs?: number };

/** Says how far the work is, every two seconds. */
export const withProgress = async <Result>(
  { say, line, everyMs = EVERY_MS }: Said,
  work: () => Promise<Result>,
): Promise<Result> => {
  const timer = setInterval(() => say(line()), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
};

export const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`;
