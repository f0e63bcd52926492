import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const ROOT = join(import.meta.dir, '..');

/**
 * What each part may import: a part, or one file of it. Inside itself a part may import what it likes.
 * An arrow that is added stands here with its reason, or not at all.
 */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  values: ['errors'],
  errors: [],
  observe: [],
  // The roles are a word of the staff's shape.
  shapes: ['access'],
  access: [],
  config: ['values'],
  database: ['errors', 'observe'],
  http: [
    ...['errors', 'observe', 'values', 'access'],
    ...['database/sql', 'database/transaction', 'database/journal'],
    // A request carries its own measurements, and its log line tells them.
    'database/timing',
    // request-log opens the database of a request (type only): one trace for each.
    'database/pool',
    // write asks whether the database wants a transaction run again.
    'database/failures',
  ],
  features: [
    ...['values', 'errors', 'database', 'http', 'shapes'],
    // The roles are a word of staff's schema, and an actor's role decides what a query shows.
    'access',
  ],
  app: [
    ...['access', 'errors', 'config', 'observe', 'http', 'features', 'shapes', 'package.json'],
    ...['database/sql', 'database/outage'],
    // The replica is handed in (type only); what reads much reads there, so many at once.
    ...['database/replica', 'database/long-reads'],
    // The pool is handed in (type only), and the naming of its refusals is handed on to http/failures.
    ...['database/pool', 'database/failures'],
    // What the streams ask of the database belongs to no request: it is measured by itself.
    'database/timing',
  ],
  process: [
    'app',
    'config',
    'errors',
    'observe',
    'database',
    'features/staff/commands',
    // A worker sends what is due; the adapters of its providers stand here.
    'features/notices/sender',
    'features/outbox/types',
    // How long a token lives decides how long its key is kept.
    'features/auth/tokens',
    'features/settings/commands',
    // A worker keeps up the feed, and sends what webhooks are due.
    ...['features/changes/places', 'features/webhooks/dispatcher', 'features/webhooks/sender'],
    // The version that /status tells.
    'package.json',
  ],
  cli: [
    ...['config', 'errors', 'database', 'process', 'values', 'observe'],
    ...['features/*/commands', 'features/*/queries'],
    // The client is made from the document, and the document from the application's routes.
    'app',
    // An import checks each line as the API would: by the schema of the same route.
    'features/*/schema',
    // The demo bills by the rules of the shop.
    'features/invoices/rules',
    // `staff add` takes a role.
    'access',
    // A backup tells the version that made it.
    'package.json',
  ],
  main: [
    ...['config', 'errors', 'process', 'cli', 'database/migrate'],
    // A misspelt word of the command line is answered with the one that was probably meant.
    'values/nearest',
  ],
};

/** Between features; only commands, rules and types cross. */
const FEATURE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  // A card's move is the job's; people.ts says who does it. The drives are handed on (type only).
  board: ['appointments', 'appointments/people', 'availability/types'],
  // A job that is booked, moved or finished puts down what is to be told of it.
  appointments: ['availability', 'outbox'],
  // A template is filled in for a job, and its text goes into the one queue.
  messages: ['templates', 'templates/facts', 'templates/schema', 'outbox'],
  // What is due is decided by what the templates have for it.
  notices: ['templates', 'templates/facts', 'outbox'],
  // A text of a customer stands in a thread, and may end or give their consent.
  callbacks: ['messages', 'customers', 'outbox'],
  // A day is driven as bookings are judged: by the same drives, of the shop as its settings stand.
  days: [
    'availability',
    'availability/travel',
    'availability/places',
    'availability/calendars',
    'availability/outcome',
    'availability/measuring',
  ],
  // A hold becomes an appointment: held.ts has both ends of it.
  holds: ['appointments/held'],
  public: [
    // The same starts, read in the same form, as the staff see; and the technician's lock before all others.
    ...['availability', 'availability/offers', 'availability/schema'],
    // A link confirms, moves and cancels its job by the commands of the staff; people.ts says who does it.
    ...['appointments', 'appointments/people'],
    // A stranger's hold is one under the same constraint, and is confirmed as one; its form is narrower.
    ...['holds', 'holds/schema'],
    // Who books is found or made there, and so is the vehicle.
    ...['customers', 'vehicles'],
    // A link decides on an estimate as the staff write it down.
    ...['estimates/authorizing', 'estimates/schema'],
  ],
  estimates: [
    'appointments',
    'invoices',
    // Who and what an estimate is for is judged, and booked, as a job's people are, by one form.
    ...['appointments/people', 'appointments/schema'],
    // A line is written as an invoice's is.
    'invoices/schema',
    // What was approved is booked with measured drives (type only).
    'availability',
    // An estimate goes out by mail.
    'outbox',
  ],
  payments: ['invoices'],
  // An invoice goes out by mail.
  invoices: ['outbox'],
  // A ticket for a stream stands for the session of whoever asks for it.
  changes: ['auth/tickets'],
  // A merge gives one customer's vehicles, jobs, estimates and invoices to another.
  customers: ['vehicles', 'appointments', 'estimates', 'invoices'],
  // The token for a new password goes out by mail.
  auth: ['outbox'],
  // auth/passwords holds rules: pure decisions about a password, and how it is hashed.
  staff: ['auth', 'auth/passwords'],
  // The weekly hours are a column of the technician, and time off is planned under the technician's lock.
  hours: ['technicians'],
  // The states of a job, which a report filters by.
  reports: ['appointments'],
  // Webhooks are told of what is in the feed, by the names that it has there.
  webhooks: ['changes/places', 'changes/schema'],
  // The version that /health tells.
  health: ['package.json'],
};

/** Rules that are too many for one file: held as rules are, and rules may use them. */
const PURE_FILES = [
  ...[
    'calendar',
    'drives',
    'outcome',
    'places',
    'rules',
    'slips',
    'starts',
    'travel',
    'types',
    'visits',
    'ways',
  ].map((file) => `features/availability/${file}`),
  'features/calendars/zone',
  'features/notices/quiet',
  // A notice is decided with the text that its template makes of the job.
  'features/templates/rules',
  // An estimate's lines are reckoned by the rules of an invoice's.
  ...['features/estimates/lines', 'features/invoices/rules'],
];

const CROSSING_FILES = ['commands', 'rules', 'types'];
const FORBIDDEN_FOLDERS = /(^|\/)(shared|common|utils?|lib|helpers|services|core)\//;
const MAX_SOURCE_LINES = 300;
const MAX_TEST_LINES = 500;
const TOP_LEVEL = 'README.md bun.lock bunfig.toml package.json src start.sh test tsconfig.json';

/** A path below src, without its ending, → its text. */
type Sources = ReadonlyMap<string, string>;

const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );

const readSources = (): Sources =>
  new Map(
    filesIn('src').map((path) => [path.replace(/\.ts$/, ''), readFileSync(join(ROOT, 'src', path), 'utf8')]),
  );

// Also `import type`, `import('…')`, `import '…'` and `export … from`: each of them is an arrow.
const IMPORT = /\b(?:from|import)\s*\(?\s*(['"])(\.[^'"\n]+)\1/g;

const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(IMPORT)].map(([, , path = '']) => {
    const target = normalize(join('src', dirname(file), path)).replace(/\.ts$/, '');
    return target.startsWith('src/') ? target.slice(4) : target;
  });

const arrowsOf = (sources: Sources): [string, string][] =>
  [...sources].flatMap(([file, text]) =>
    importsOf(file, text).map((target): [string, string] => [file, target]),
  );

const partOf = (file: string): string => file.split('/')[0] ?? '';

const matches = (allowed: string, target: string): boolean => {
  const pattern = allowed.split('/');
  const path = target.split('/');
  return pattern.every((segment, at) => segment === '*' || segment === path[at]);
};

const wrongArrows = (sources: Sources): string[] =>
  arrowsOf(sources)
    .filter(([from, to]) => !isAllowed(from, to))
    .map(([from, to]) => `${from} -> ${to}`);

const isAllowed = (from: string, to: string): boolean => {
  if (partOf(from) === 'features') return isAllowedOfFeature(from, to);
  if (partOf(from) === partOf(to)) return true;
  return ARROWS[partOf(from)]?.some((allowed) => matches(allowed, to)) ?? false;
};

const isAllowedOfFeature = (from: string, to: string): boolean => {
  const [, feature = '', file] = from.split('/');
  if ((file === 'rules' || PURE_FILES.includes(from)) && !isAllowedOfRules(feature, to)) return false;
  const [part, other = '', otherFile = ''] = to.split('/');
  const known = FEATURE_ARROWS[feature] ?? [];
  if (part !== 'features') {
    return [...(ARROWS.features ?? []), ...known].some((allowed) => matches(allowed, to));
  }
  if (other === feature) return true;
  return (
    known.includes(`${other}/${otherFile}`) || (known.includes(other) && CROSSING_FILES.includes(otherFile))
  );
};

const isAllowedOfRules = (feature: string, to: string): boolean =>
  ['errors', 'values', 'shapes', `features/${feature}/schema`, ...PURE_FILES].some((allowed) =>
    matches(allowed, to),
  );

/** Rules run without a database, so of their schema they may take types alone. */
const rulesWithSchemaAtRunTime = (sources: Sources): string[] =>
  [...sources]
    .filter(([file, text]) => file.endsWith('/rules') && /import (?!type)[^;]*'\.\/schema\.ts'/.test(text))
    .map(([file]) => file);

const circles = (sources: Sources): string[] => {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (state.get(file) === 'open') found.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (state.has(file)) return;
    state.set(file, 'open');
    for (const target of importsOf(file, sources.get(file) ?? '')) visit(target, [...way, file]);
    state.set(file, 'done');
  };
  for (const file of sources.keys()) visit(file, []);
  return found;
};

const named = (sources: Sources, pattern: RegExp): string[] =>
  [...sources.keys()].filter((file) => pattern.test(file));
const holding = (sources: Sources, text: RegExp, files: RegExp): string[] =>
  [...sources].filter(([file, source]) => files.test(file) && text.test(source)).map(([file]) => file);

const SQL_TEXT = /\b(?:sql|tx)(?:\.part)?(?:<[^`;]*>)?`/;
const ENVIRONMENT = /\bprocess\.env\b|\bBun\.env\b|\bimport\.meta\.env\b/;

const linesOf = (path: string): number => readFileSync(join(ROOT, path), 'utf8').split('\n').length - 1;
const longerThan = (folder: string, limit: number): string[] =>
  filesIn(folder).filter((path) => linesOf(join(folder, path)) > limit);

describe('the house, as it stands', () => {
  const sources = readSources();

  test('every import follows an arrow of the table', () => expect(wrongArrows(sources)).toEqual([]));
  test('no file reaches itself again', () => expect(circles(sources)).toEqual([]));
  test('rules take types alone from their schema', () =>
    expect(rulesWithSchemaAtRunTime(sources)).toEqual([]));
  test('no index.ts re-exports', () => {
    expect(named(sources, /(^|\/)index$/)).toEqual([]);
    expect(holding(sources, /\bexport\s+(?:type\s+)?(?:\*|\{[^}]*\})\s+from\b/, /./)).toEqual([]);
  });
  test('no folder is called shared, common, util, lib, helpers, services or core', () =>
    expect(named(sources, FORBIDDEN_FOLDERS)).toEqual([]));
  test('SQL stands in no routes, rules or schema', () =>
    expect(holding(sources, SQL_TEXT, /\/(routes|rules|schema)$/)).toEqual([]));
  test('the environment is read in main and config alone; worker-process hands its locale and PATH on to a worker', () =>
    expect(holding(sources, ENVIRONMENT, /^(?!(main|config|process\/worker-process)$)/)).toEqual([]));
  test('a source file has at most 300 lines, a test file 500', () => {
    expect(longerThan('src', MAX_SOURCE_LINES)).toEqual([]);
    expect(longerThan('test', MAX_TEST_LINES)).toEqual([]);
  });
  test('the top level holds the names of the house style, and dotfiles of tools', () => {
    const listed = Bun.spawnSync(['git', 'ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
    });
    const files = listed.success ? listed.stdout.toString().trim().split('\n') : readdirSync(ROOT);
    const top = [...new Set(files.map(partOf))].filter((name) => name !== 'node_modules');
    expect(
      top
        .filter((name) => !name.startsWith('.'))
        .sort()
        .join(' '),
    ).toBe(TOP_LEVEL);
    expect(files.filter((file) => file.startsWith('.ci/') && file !== '.ci/run')).toEqual([]);
  });
});

describe('the guards themselves see', () => {
  const made = (files: Record<string, string>): Sources => new Map(Object.entries(files));

  const BREACHES: [string, string, string][] = [
    ['a value that knows the database', 'values/money', `import { x } from '../database/sql.ts'`],
    ['a type import', 'errors', `import type { Actor } from './http/context.ts'`],
    ['a dynamic import', 'http/page', `const x = await import('../app.ts')`],
    ['an import over several lines', 'database/pool', `import {\n  type Env,\n} from '../http/context.ts'`],
    ['an export from', 'values/vin', `export { fail } from '../database/failures.ts'`],
    ['an import for its effect', 'observe/log', `import '../config.ts'`],
    [
      "another feature's queries",
      'features/staff/commands',
      `import { endSessionsOf } from '../auth/queries.ts'`,
    ],
    [
      'a feature that is not on the list',
      'features/customers/commands',
      `import { x } from '../staff/commands.ts'`,
    ],
    ['rules with a database', 'features/vehicles/rules', `import type { Sql } from '../../database/sql.ts'`],
    ['a feature that reads the configuration', 'features/auth/commands', `import '../../config.ts'`],
    [
      'a supervisor that writes customers',
      'process/supervisor',
      `import '../features/customers/commands.ts'`,
    ],
    ['a cli word with routes', 'cli/demo', `import '../features/customers/routes.ts'`],
    ['a part that is not in the table', 'jobs/sender', `import '../errors.ts'`],
  ];
  for (const [what, file, text] of BREACHES) {
    test(what, () => expect(wrongArrows(made({ [file]: text }))).toHaveLength(1));
  }

  test('what is allowed', () =>
    expect(
      wrongArrows(
        made({
          'features/board/commands': `import { moveAppointment } from '../appointments/commands.ts'`,
          'features/auth/rules': `import type { Login } from './schema.ts'`,
          'cli/demo/fill': `import { addCustomer } from '../../features/customers/commands.ts'`,
        }),
      ),
    ).toEqual([]));

  test('a circle of types', () =>
    expect(
      circles(
        made({
          'values/a': `import './b.ts'`,
          'values/b': `import type { C } from './c.ts'`,
          'values/c': `import './a.ts'`,
        }),
      ),
    ).toEqual(['values/a -> values/b -> values/c -> values/a']));

  test('SQL, a read of the environment, a schema that rules would run', () => {
    for (const text of ['tx`x`', 'sql<{ a: 1 }>`x`', 'await sql.part`x`']) expect(text).toMatch(SQL_TEXT);
    for (const text of ['process.env.HOME', 'Bun.env.HOME']) expect(text).toMatch(ENVIRONMENT);
    const rules = made({ 'features/x/rules': `import { Login } from './schema.ts'` });
    expect(rulesWithSchemaAtRunTime(rules)).toEqual(['features/x/rules']);
  });
});
