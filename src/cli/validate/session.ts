import * as v from 'valibot';
import { refuse } from '../../process/refusal.ts';
import type { Login } from './login.ts';

const TIMEOUT_MS = 10_000;

const Tokens = v.object({
  access_token: v.string(),
  refresh_token: v.string(),
  staff: v.object({ role: v.string() }),
});
const Envelope = v.object({
  data: v.unknown(),
  error: v.nullable(v.object({ reason: v.string(), message: v.string() })),
});

export type Reply = { status: number; data: unknown; error: { reason: string; message: string } | null };
type Options = { body?: unknown; headers?: Record<string, string> };

export interface Session {
  address: string;
  role: string;
  /** The access token of the moment. */
  token(): string;
  /** One request outside the measurement; throws when no answer comes. */
  send(method: string, path: string, options?: Options): Promise<Reply>;
  /** What is needed to go on: any other answer than 2xx is a Refusal. */
  demand<Schema extends v.GenericSchema>(
    asked: readonly [method: string, path: string, body?: unknown],
    schema: Schema,
  ): Promise<v.InferOutput<Schema>>;
  /** Tokens live for 15 minutes: to be called before each step. */
  renew(): Promise<void>;
  end(): Promise<void>;
}

/** Throws a Refusal that says why nobody could log in. */
export const logIn = async (address: string, login: Login): Promise<Session> => {
  const reply = await ask(address, 'POST', '/v1/auth/login', { body: login }).catch((error: unknown) => {
    throw refuse(`No server of the shop answers at ${address}: is it started, and the address right?`, error);
  });
  if (reply.status !== 200) {
    throw refuse(`The server at ${address} refuses the login of ${login.email}: ${said(reply)}`);
  }
  let tokens = readAs(Tokens, reply, 'the login');
  const headers = () => ({ authorization: `Bearer ${tokens.access_token}` });
  const send: Session['send'] = (method, path, { body, headers: more = {} } = {}) =>
    ask(address, method, path, { body, headers: { ...headers(), ...more } });
  return {
    address,
    role: tokens.staff.role,
    token: () => tokens.access_token,
    send,
    demand: async ([method, path, body], schema) => {
      const answer = await send(method, path, { body }).catch((error: unknown) => {
        throw refuse(`The server at ${address} gave no answer to ${method} ${path}.`, error);
      });
      if (answer.status >= 300) throw refuse(`${method} ${path} is refused: ${said(answer)}`);
      return readAs(schema, answer, `${method} ${path}`);
    },
    renew: async () => {
      const body = { refresh_token: tokens.refresh_token };
      const answer = await ask(address, 'POST', '/v1/auth/refresh', { body }).catch(() => undefined);
      // The old token goes on for a while; a server that is away is for the step to find.
      if (answer?.status === 200) tokens = readAs(Tokens, answer, 'the refresh');
    },
    end: async () => {
      const body = { refresh_token: tokens.refresh_token };
      await ask(address, 'POST', '/v1/auth/logout', { body }).catch(() => undefined);
    },
  };
};

const ask = async (
  address: string,
  method: string,
  path: string,
  { body, headers = {} }: Options,
): Promise<Reply> => {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const envelope = v.parse(Envelope, await response.json());
  return { status: response.status, ...envelope };
};

const said = ({ status, error }: Reply): string => `${status} ${error?.message ?? 'without a word'}`;

const readAs = <Schema extends v.GenericSchema>(
  schema: Schema,
  { data }: Reply,
  what: string,
): v.InferOutput<Schema> => {
  const outcome = v.safeParse(schema, data);
  if (!outcome.success) throw refuse(`The answer to ${what} is none of this shop's servers.`);
  return outcome.output;
};
