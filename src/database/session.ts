import { parseAddress } from './address.ts';
import { type DriverSession, openDriver } from './driver.ts';
import { away, databaseError, isAway } from './failures.ts';

/** Runs one text, without parameters. */
export type Ask = <Row extends object>(text: string) => Promise<Row[]>;

const CONNECT_TIMEOUT_S = 5;
const CLOSE_TIMEOUT_S = 5;

/** One session of its own, without limits of time, for work beside the pool. */
export const withSession = async <Result>(
  url: string,
  name: string,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> => {
  const address = parseAddress(url);
  const [{ host, port }] = address.hosts;
  const driver = openDriver({
    ...{ address, host: [host], port: [port], max: 1, connectTimeoutS: CONNECT_TIMEOUT_S, prepare: false },
    parameters: { application_name: name, TimeZone: 'UTC' },
  });
  let session: DriverSession | undefined;
  try {
    const reserved = await driver.reserve();
    session = reserved;
    // The caller's text decides what a row holds.
    return await work(
      async <Row extends object>(text: string) => [...(await reserved.simple(text))] as Row[],
    );
  } catch (error) {
    const known = databaseError(error, '');
    throw isAway(known) ? away(known) : error;
  } finally {
    session?.release();
    await driver.end(CLOSE_TIMEOUT_S);
  }
};
