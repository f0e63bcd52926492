export type InstallWords =
  | { kind: 'help' }
  | { kind: 'fault'; fault: string }
  | { kind: 'install'; root?: string; user?: string; port?: number };

const OPTIONS = ['--root', '--user', '--port'];
// What every Linux takes for the name of a user.
const USER = /^[a-z_][a-z0-9_-]{0,30}$/;

export const readInstallWords = (rest: readonly string[]): InstallWords => {
  if (rest.some((word) => ['--help', '-h', 'help'].includes(word))) return { kind: 'help' };
  const given = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 2) {
    const [name = '', value] = rest.slice(at, at + 2);
    if (!OPTIONS.includes(name)) return fault(`install does not know ${name}.`);
    if (value === undefined || value === '') return fault(`${name} needs a value.`);
    if (given.has(name)) return fault(`${name} is given twice.`);
    given.set(name, value);
  }
  const root = given.get('--root');
  const user = given.get('--user');
  const port = given.get('--port');
  if (user !== undefined && (!USER.test(user) || user === 'root')) {
    return fault(`--user must be the name of an unprivileged user; it is ${JSON.stringify(user)}.`);
  }
  if (port !== undefined && !isFreeToAll(port)) {
    return fault(
      `--port must be from 1024 to 65535, for the service has no right to the others (put nginx or Caddy in front); it is ${JSON.stringify(port)}.`,
    );
  }
  return {
    kind: 'install',
    ...(root === undefined ? {} : { root }),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
};

const fault = (text: string): InstallWords => ({ kind: 'fault', fault: text });

const isFreeToAll = (text: string): boolean =>
  /^\d{4,5}$/.test(text) && Number(text) >= 1024 && Number(text) <= 65_535;
