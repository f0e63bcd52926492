import postgres from 'postgres';
import type { Address } from './address.ts';
import type { JsonParameter, Late, Part, Value } from './sql.ts';
import { JSONB, TYPES } from './types.ts';

/** What our patch and the driver keep on a statement besides its promise. */
export interface DriverQuery extends Promise<DriverRows> {
  /** The text with $1, $2 … once it was sent. */
  readonly string?: string;
  readonly sentAt?: number;
  readonly active: boolean;
  /** The session that it was sent on; `drop` cuts that session, and only that. */
  readonly state: { drop(): void } | null;
  reject(error: unknown): void;
}

export type DriverRows = object[] & { count: number | null; command: string };

export interface DriverSession {
  query(text: TemplateStringsArray, values: readonly (Value | Late)[]): DriverQuery;
  simple(text: string): DriverQuery;
  release(): void;
}

export interface Driver extends Omit<DriverSession, 'release'> {
  part(text: TemplateStringsArray, values: readonly Value[]): Part;
  json(value: unknown): JsonParameter;
  reserve(): Promise<DriverSession>;
  /** Closes each connection as soon as it is idle; the next statement opens a new one. */
  renew(): Promise<void>;
  end(timeoutS: number): Promise<void>;
}

export type DriverOptions = {
  address: Address;
  /** The host in use: one element each, exchanged in place when another host takes over. */
  host: [string];
  port: [number];
  max: number;
  connectTimeoutS: number;
  prepare: boolean;
  parameters: Record<string, string | number>;
  onClose?: () => void;
};

const KEEP_ALIVE_S = 30;
/** Short, for while the database is away only one probe knocks; every other statement is refused at once. */
const MAX_BACKOFF_S = 0.2;
const backoff = (failures: number): number => Math.min(0.05 * 2 ** failures, MAX_BACKOFF_S);

/** Every option is given, so that no PG… variable of the environment is taken instead. */
export const openDriver = (options: DriverOptions): Driver => {
  const { address, host, port } = options;
  const sql = postgres({
    host,
    port,
    ...(host[0].startsWith('/') ? { path: `${host[0]}/.s.PGSQL.${port[0]}` } : {}),
    user: address.user,
    pass: address.password,
    database: address.database,
    ssl: address.ssl,
    max: options.max,
    // Nothing is ever sent behind a statement that still runs: the gate sees to it, and this is the second bolt.
    max_pipeline: 0,
    idle_timeout: 0,
    connect_timeout: options.connectTimeoutS,
    max_lifetime: lifetimeS,
    keep_alive: KEEP_ALIVE_S,
    backoff,
    prepare: options.prepare,
    fetch_types: false,
    debug: false,
    connection: options.parameters,
    types: TYPES,
    onnotice: () => undefined,
    onclose: options.onClose,
  } as unknown as postgres.Options<never>) as unknown as RawSql;
  return {
    ...statementsOf(sql),
    part: (text, values) => sql(text, ...values) as unknown as Part,
    json: (value) =>
      sql.typed(value === undefined ? undefined : JSON.stringify(value), JSONB) as JsonParameter,
    reserve: async () => {
      const reserved = await sql.reserve();
      return { ...statementsOf(reserved), release: reserved.release };
    },
    renew: sql.close,
    end: (timeoutS) => sql.end({ timeout: timeoutS }),
  };
};

/** The driver as it is at run time: its own types know neither our patch nor half of its options. */
type RawSql = {
  (text: TemplateStringsArray, ...values: readonly Value[]): DriverQuery;
  unsafe(text: string): DriverQuery;
  typed(value: unknown, type: number): unknown;
  reserve(): Promise<RawSql & { release(): void }>;
  close(): Promise<void>;
  end(options: { timeout: number }): Promise<void>;
};

const statementsOf = (sql: RawSql): Pick<DriverSession, 'query' | 'simple'> => ({
  query: (text, values) => sql(text, ...values.map(settled)),
  simple: (text) => sql.unsafe(text),
});

export const settled = (value: Value | Late): Value => (typeof value === 'function' ? value() : value);

/** Between 30 and 60 minutes, so that the connections of many processes do not end together. */
const lifetimeS = (): number => 60 * (30 + Math.random() * 30);
