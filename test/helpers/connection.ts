import postgres from 'postgres';

/** The bare driver, for what tests do behind the program's back. */
export const connect = (
  url: string,
  max = 1,
  options: Pick<postgres.Options<Record<string, never>>, 'debug'> = {},
): postgres.Sql => {
  const { username, password, pathname, searchParams, hostname, port } = new URL(url);
  const folder = searchParams.get('host');
  return postgres({
    ...(folder === null
      ? { host: hostname, port: Number(port || 5432) }
      : { path: `${folder}/.s.PGSQL.5432` }),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    max,
    onnotice: () => undefined,
    ...options,
  });
};

export const withDatabase = (url: string, name: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
};
