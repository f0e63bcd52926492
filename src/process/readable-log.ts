const SHOWN_FIRST = new Set(['time', 'level', 'message', 'error']);

/** A JSON log line as one line for a person, for `bun run dev`. */
export const printReadable = (text: string): void => {
  const fields: Record<string, unknown> = JSON.parse(text);
  const rest = Object.entries(fields)
    .filter(([name, value]) => !SHOWN_FIRST.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const time = String(fields.time).slice(11, 23);
  process.stdout.write(`${[time, fields.level, fields.message, ...rest].join(' ')}\n`);
  if (fields.error !== undefined) process.stdout.write(`${traceOf(fields.error)}\n`);
};

const traceOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'stack' in error
    ? String(error.stack)
    : JSON.stringify(error);
