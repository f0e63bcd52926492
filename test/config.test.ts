import { afterAll, describe, expect, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CONFIG_TABLE, ConfigError, misspelt, PROJECT, readConfig } from '../src/config.ts';
import { copyProject } from './helpers/project.ts';

const NAMES = CONFIG_TABLE.map(({ name }) => name);
const SECRETS = [
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'DATABASE_REPLICA_URL',
  'JWT_SECRET',
  'OWNER_PASSWORD',
  'TRAVEL_URL',
];

/** Name → the first and the last number that it takes. */
const NUMBERS: Readonly<Record<string, readonly [first: number, last: number]>> = {
  PORT: [0, 65_535],
  WORKERS: [1, 64],
  BOXES: [1, 64],
  DB_POOL_MIN: [0, 20],
  DB_POOL_MAX: [1, 200],
  DB_ACQUIRE_TIMEOUT_MS: [1, 600_000],
  DB_QUEUE_MAX: [0, 100_000],
  DB_LOCK_TIMEOUT_MS: [1, 600_000],
  DB_STATEMENT_TIMEOUT_MS: [1, 600_000],
  SLOW_QUERY_MS: [0, 600_000],
  GRACE_S: [1, 3_600],
  WORKER_TIMEOUT_S: [2, 3_600],
  MAX_REQUESTS: [0, 1_000_000_000],
  MAX_RSS_MB: [0, 1_000_000],
  ADMIN_PORT: [0, 65_535],
  RATE_LIMIT_PER_S: [0, 1_000_000],
  TRAVEL_TIMEOUT_MS: [10, 10_000],
  TRUST_PROXY: [0, 10],
};

const errorOf = (env: Record<string, string>): ConfigError | undefined => {
  try {
    readConfig(env);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
};

const faultsOf = (env: Record<string, string>): readonly string[] => errorOf(env)?.faults ?? [];

describe('what is not said', () => {
  test('is the default that the table shows', () => {
    expect(readConfig({})).toEqual({
      host: '0.0.0.0',
      port: 5000,
      workers: Math.min(8, availableParallelism()),
      dbPoolMin: 5,
      dbPoolMax: 20,
      dbAcquireTimeoutMs: 2_000,
      dbQueueMax: 1_000,
      dbLockTimeoutMs: 1_500,
      dbStatementTimeoutMs: 5_000,
      dbPrepare: true,
      slowQueryMs: 100,
      workerTimeoutS: 30,
      maxRequests: 0,
      maxRssMb: 0,
      adminHost: '127.0.0.1',
      adminPort: 9100,
      graceS: 30,
      secretsFile: join(PROJECT, '.data/secrets.json'),
      dataDir: join(PROJECT, '.data'),
      shopName: "Edgar's Mobile Auto Shop",
      shopTimezone: 'America/Los_Angeles',
      corsOrigins: [],
      trustProxy: 0,
      rateLimitPerS: 0,
      webhooksAllowPrivate: false,
      logLevel: 'info',
      appEnv: 'production',
      databaseUrl: undefined,
      databaseDirectUrl: undefined,
      databaseReplicaUrl: undefined,
      boxes: 1,
      jwtSecret: undefined,
      publicUrl: undefined,
      travelUrl: undefined,
      travelTimeoutMs: 1_000,
      smtpUrl: undefined,
      mailFrom: undefined,
      smsUrl: undefined,
      smsToken: undefined,
      smsCallbackSecret: undefined,
      ownerEmail: undefined,
      staffPassword: undefined,
      ownerPassword: undefined,
    });
  });

  test('follows what is said: few connections are all opened, and the secrets lie with the data', () => {
    const config = readConfig({ DB_POOL_MAX: '3', DATA_DIR: '/srv/shop' });
    expect(config).toMatchObject({ dbPoolMin: 3, secretsFile: '/srv/shop/secrets.json' });
  });
});

describe('what is said', () => {
  test.each(Object.entries(NUMBERS))('%s is a whole number within its bounds', (name, [first, last]) => {
    expect(
      faultsOf({ [name]: String(first), ...(name === 'DB_POOL_MAX' ? { DB_POOL_MIN: '0' } : {}) }),
    ).toEqual([]);
    expect(faultsOf({ [name]: String(last) })).toEqual([]);
    for (const wrong of [
      String(first - 1),
      String(last + 1),
      '1.5',
      '1e1',
      '0x1',
      '01',
      ' 1',
      '5s',
      'many',
    ]) {
      const faults = faultsOf({ [name]: wrong });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toStartWith(name);
      expect(faults[0]).toContain(wrong);
    }
  });

  test('no number of the table is without bounds here', () => {
    const numbers = Object.entries(readConfig({ DB_POOL_MIN: '1' })).filter(
      ([, value]) => typeof value === 'number',
    );
    expect(numbers.length).toBe(Object.keys(NUMBERS).length);
  });

  test.each([
    ['HOST', ['::1', 'shop.example', '127.0.0.1'], ['a b', 'http://shop']],
    ['DATABASE_URL', ['postgres://a:b@c:5432/d', 'postgresql://a@c,d/e?x=y'], ['mysql://a@b/c', 'localhost']],
    [
      'PUBLIC_URL',
      ['https://book.shop.example', 'http://localhost:5000', 'https://shop.example/api'],
      [
        'book.shop.example',
        'https://shop.example/',
        'https://shop.example?a=b',
        'https://a b',
        'ftp://a.example',
      ],
    ],
    [
      'TRAVEL_URL',
      ['http://localhost:5001/route/v1/driving/{from_lng},{from_lat};{to_lng},{to_lat}?overview=false'],
      [
        'http://localhost:5001/',
        'localhost/{from_lng},{from_lat};{to_lng},{to_lat}',
        'http://a b/{from_lng}',
      ],
    ],
    ['DATABASE_DIRECT_URL', ['postgres://a:b@c/d'], ['c:5432']],
    ['DATABASE_REPLICA_URL', ['postgres://a:b@c/d'], ['c:5432']],
    ['DB_PREPARE', ['true', 'false'], ['yes', '1', 'TRUE']],
    ['SHOP_NAME', ["Mo's"], [' ', 'a\nb', 'x'.repeat(101)]],
    ['SHOP_TIMEZONE', ['Europe/Berlin', 'UTC'], ['+01:00', 'Mars/Olympus']],
    [
      'CORS_ORIGINS',
      ['https://a.example,http://localhost:3000'],
      ['*', 'https://*.example', 'https://a.example/', 'a,'],
    ],
    ['OWNER_EMAIL', ['mo@shop.example'], ['mo']],
    ['LOG_LEVEL', ['silent', 'debug'], ['INFO', 'trace']],
    ['APP_ENV', ['test', 'development'], ['prod']],
  ])('%s takes what it can use and refuses the rest', (name, right, wrong) => {
    for (const value of right) expect(faultsOf({ [name]: value })).toEqual([]);
    for (const value of wrong) expect(faultsOf({ [name]: value })).toHaveLength(1);
  });

  test('paths are relative to the project, absolute ones stay', () => {
    expect(readConfig({ DATA_DIR: 'there', SECRETS_FILE: 'keys/one.json' })).toMatchObject({
      dataDir: join(PROJECT, 'there'),
      secretsFile: join(PROJECT, 'keys/one.json'),
    });
    expect(readConfig({ SECRETS_FILE: '/run/keys.json' }).secretsFile).toBe('/run/keys.json');
  });

  test('is frozen once it was read', () => {
    const config = readConfig({ CORS_ORIGINS: 'https://a.example' });
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.corsOrigins, { 0: 'https://b.example' })).toThrow(TypeError);
    expect(config).toMatchObject({ port: 5000, corsOrigins: ['https://a.example'] });
  });
});

describe('faults', () => {
  test('are all told at once, one line each', () => {
    const error = errorOf({
      PORT: 'http',
      WORKERS: '0',
      SHOP_TIMEZONE: 'LA',
      LOG_LEVEL: '',
      DATABASE_URL: 'db',
    });
    expect(error?.faults.map((fault) => fault.split(' ')[0]).sort()).toEqual([
      ...['DATABASE_URL', 'LOG_LEVEL', 'PORT', 'SHOP_TIMEZONE', 'WORKERS'],
    ]);
    expect(error?.message.split('\n')).toEqual([...(error?.faults ?? ['none'])]);
  });

  test('say what was found and what would be right', () => {
    expect(faultsOf({ PORT: '99999' })).toEqual([
      'PORT must be a whole number from 0 to 65535; it is "99999".',
    ]);
    expect(faultsOf({ PORT: '' })).toEqual([
      'PORT is empty: give it a value, or leave it out for its default (5000).',
    ]);
    expect(faultsOf({ DB_POOL_MIN: '9', DB_POOL_MAX: '8' })).toEqual([
      'DB_POOL_MIN (9) must not be above DB_POOL_MAX (8).',
    ]);
  });

  test('an empty value is a fault of every variable, never its default', () => {
    const found = NAMES.flatMap((name) => faultsOf({ [name]: '' }).map((fault) => fault.split(':')[0]));
    expect(found).toEqual(NAMES.map((name) => `${name} is empty`));
  });

  test('show the value, but never that of a secret', () => {
    const canary = 'mysql://edgar:canary@db/\u0000shop';
    const env = Object.fromEntries(NAMES.map((name) => [name, canary]));
    const error = errorOf(env);
    const telling = error?.faults
      .filter((fault) => fault.includes('canary'))
      .map((fault) => fault.split(' ')[0]);
    expect(telling).toContain('PORT');
    expect(telling?.filter((name) => SECRETS.includes(name ?? ''))).toEqual([]);
    const secret = errorOf(Object.fromEntries(SECRETS.map((name) => [name, canary])));
    expect(secret?.faults.length).toBeGreaterThan(1);
    expect(`${secret?.stack} ${JSON.stringify(secret)}`).not.toContain('canary');
  });
});

describe('a misspelt variable', () => {
  test.each([
    ['DB_POOL_MXA', 'DB_POOL_MAX'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['db_pool_max', 'DB_POOL_MAX'],
    ['JWT_SECRETS', 'JWT_SECRET'],
    ['PROT', 'PORT'],
    ['WORKER', 'WORKERS'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['SLOW_QUERY', 'SLOW_QUERY_MS'],
  ])('%s is pointed out as %s', (name, meant) => {
    const value = 'a secret word';
    expect(misspelt({ [name]: value })).toEqual([
      `${name} is not a variable of this program: was ${meant} meant?`,
    ]);
  });

  test('is none of ours, and no other name that a shell has', () => {
    const others =
      'HOME PATH PWD OLDPWD SHELL USER LOGNAME LANG LC_ALL TERM TZ HOSTNAME EDITOR PAGER TMPDIR SHLVL _ CI';
    const env = Object.fromEntries(
      [...NAMES, ...others.split(' '), 'DB_', 'NODE_ENV'].map((name) => [name, 'x']),
    );
    expect(misspelt(env)).toEqual([]);
  });
});

describe('.env', () => {
  const copied = copyProject();
  afterAll(async () => (await copied).remove());

  test.each([
    ['./start.sh', []],
    ['bun', ['run', 'start']],
    ['bun', ['run', 'migrate']],
  ])(
    'of the project adds to the environment, which wins, and no other such file counts: %s %p',
    async (command, words) => {
      const { folder, env } = await copied;
      await writeFile(join(folder, '.env'), 'LOG_LEVEL=loud\nWORKERS=none\nDB_POOL_MXA=3\n');
      await writeFile(join(folder, '.env.local'), 'DB_QUEUE_MAX=many\n');
      const { exitCode, stderr } = Bun.spawnSync([command, ...words], {
        cwd: folder,
        env: { ...env, LOG_LEVEL: 'warn' },
      });
      const said = stderr.toString();
      expect(said).toContain('WORKERS must be a whole number from 1 to 64; it is "none".');
      expect(said).toContain('DB_POOL_MXA is not a variable of this program: was DB_POOL_MAX meant?');
      expect(said).not.toContain('LOG_LEVEL');
      expect(said).not.toContain('DB_QUEUE_MAX');
      expect(exitCode).toBe(1);
    },
  );

  test('is found from any folder', async () => {
    const { folder, env } = await copied;
    await writeFile(join(folder, '.env'), 'LOG_LEVEL=loud\nWORKERS=none\nDB_POOL_MXA=3\n');
    const { stderr } = Bun.spawnSync([join(folder, 'start.sh')], { cwd: '/', env });
    expect(stderr.toString()).toContain('LOG_LEVEL must be');
  });
});
