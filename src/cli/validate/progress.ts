const EVERY_MS = 1_500;

/** Says where a longer piece of work stands, at once and every 1.5 seconds. */
export const withProgress = async <Result>(
  say: (line: string) => void,
  stand: () => string,
  work: Promise<Result>,
): Promise<Result> => {
  say(stand());
  const timer = setInterval(() => say(stand()), EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
};
