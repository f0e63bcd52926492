import { readFileSync } from 'node:fs';
import { DatabaseRefusal } from './failures.ts';

export type Host = { host: string; port: number };
export type SessionKind = 'any' | 'primary' | 'standby' | 'read-write' | 'read-only' | 'prefer-standby';
type Tls = false | 'prefer' | 'require' | 'verify-full' | Record<string, unknown>;

export type Address = {
  hosts: readonly [Host, ...Host[]];
  user: string;
  password: string;
  database: string;
  ssl: Tls;
  sessionKind: SessionKind;
};

const DEFAULT_PORT = 5432;
const SESSION_KINDS = ['any', 'primary', 'standby', 'read-write', 'read-only', 'prefer-standby'] as const;
const PARAMETERS = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
];
/** Known from elsewhere; ours come from the configuration. */
const IGNORED = ['application_name', 'connect_timeout', 'pgbouncer'];

/**
 * Reads a connection address as libpq does: several hosts, `?host=/a/socket/folder`, sslmode and target_session_attrs.
 * The messages never repeat the address, for it holds the password.
 */
export const parseAddress = (url: string): Address => {
  const match = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url.trim());
  if (!match)
    throw new DatabaseRefusal('The database URL must look like postgres://user:password@host:5432/database.');
  const authority = match[1] ?? '';
  const at = authority.lastIndexOf('@');
  const [name = '', ...rest] = authority.slice(0, Math.max(at, 0)).split(':');
  const query = parametersOf(match[3] ?? '');
  const user = query.get('user') ?? decoded(name);
  if (user === '')
    throw new DatabaseRefusal('The database URL must name a user: postgres://user:password@host/database.');
  return {
    hosts: hostsOf(authority.slice(at + 1), query),
    user,
    password: query.get('password') ?? decoded(rest.join(':')),
    database: query.get('dbname') ?? (decoded(match[2] ?? '') || user),
    ssl: tlsOf(query),
    sessionKind: sessionKindOf(query.get('target_session_attrs') ?? 'any'),
  };
};

/** The address as libpq's own programs take it, without the password: others can read their command lines. */
export const withoutPassword = (url: string): string => {
  const match = /^([^:]+:\/\/)([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/.exec(url.trim());
  const [, scheme = '', authority = '', path = '', query = ''] = match ?? [];
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0)).replace(/:.*$/, '');
  const kept = query.split('&').filter((pair) => pair !== '' && !/^(?:password|pgbouncer)=/.test(pair));
  const place = at < 0 ? authority : `${user}@${authority.slice(at + 1)}`;
  return `${scheme}${place}${path}${kept.length === 0 ? '' : `?${kept.join('&')}`}`;
};

const parametersOf = (text: string): Map<string, string> => {
  const query = new Map<string, string>();
  for (const pair of text.split('&').filter((piece) => piece !== '')) {
    const [name = '', ...value] = pair.split('=');
    if (IGNORED.includes(name)) continue;
    if (!PARAMETERS.includes(name) && name !== 'target_session_attrs') {
      throw new DatabaseRefusal(`The database URL has the unknown parameter "${name}".`);
    }
    query.set(name, decoded(value.join('=')));
  }
  return query;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseRefusal(
      'The database URL has a "%" that is not followed by two hexadecimal digits (write % as %25).',
    );
  }
};

const hostsOf = (authority: string, query: Map<string, string>): [Host, ...Host[]] => {
  const ports = (query.get('port') ?? '').split(',');
  const places = (query.get('host') ?? authority).split(',');
  const [first, ...others] = places.map((place, index) => {
    const port = ports[index] ?? ports[0] ?? '';
    return query.has('host') ? { host: place, port: portOf(port || portIn(authority)) } : hostOf(place, port);
  });
  if (!first) throw new DatabaseRefusal('The database URL must name a host.');
  return [first, ...others];
};

const hostOf = (place: string, port: string): Host => {
  const match = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(place);
  if (!match)
    throw new DatabaseRefusal('The database URL has a host that cannot be read (write IPv6 as [::1]:5432).');
  const host = decoded(match[1] ?? '').replace(/^\[|\]$/g, '');
  return { host: host || 'localhost', port: portOf(match[2] || port) };
};

const portIn = (authority: string): string => /:(\d+)$/.exec(authority)?.[1] ?? '';

const portOf = (text: string): number => {
  const port = text === '' ? DEFAULT_PORT : Number(text);
  if (!/^\d*$/.test(text) || port < 1 || port > 65535) {
    throw new DatabaseRefusal('The database URL has a port that is not a number from 1 to 65535.');
  }
  return port;
};

const tlsOf = (query: Map<string, string>): Tls => {
  const mode = query.get('sslmode') ?? (query.has('sslrootcert') ? 'verify-full' : 'disable');
  const files = {
    ...pem('ca', query.get('sslrootcert')),
    ...pem('cert', query.get('sslcert')),
    ...pem('key', query.get('sslkey')),
  };
  switch (mode) {
    case 'disable':
      return false;
    case 'allow':
    case 'prefer':
      return 'prefer';
    case 'require':
      return Object.keys(files).length === 0 ? 'require' : { ...files, rejectUnauthorized: 'ca' in files };
    case 'verify-ca':
      return { ...files, checkServerIdentity: () => undefined };
    case 'verify-full':
      return Object.keys(files).length === 0 ? 'verify-full' : files;
    default:
      throw new DatabaseRefusal(
        'sslmode in the database URL must be disable, prefer, require, verify-ca or verify-full.',
      );
  }
};

const pem = (name: string, path: string | undefined): Record<string, string> => {
  if (path === undefined || path === 'system') return {};
  try {
    return { [name]: readFileSync(path, 'utf8') };
  } catch {
    throw new DatabaseRefusal(`The database URL names the file ${path}, which cannot be read.`);
  }
};

const sessionKindOf = (text: string): SessionKind => {
  const kind = SESSION_KINDS.find((known) => known === text);
  if (!kind)
    throw new DatabaseRefusal(
      `target_session_attrs in the database URL must be one of ${SESSION_KINDS.join(', ')}.`,
    );
  return kind;
};
