import { afterAll, describe, expect, test } from 'bun:test';
import { makeCars } from '../../src/cli/demo/cars.ts';
import { readCatalog } from '../../src/cli/demo/catalog.ts';
import { daysAround } from '../../src/cli/demo/days.ts';
import { type DemoOptions, fillDemo } from '../../src/cli/demo/fill.ts';
import { makeJobs } from '../../src/cli/demo/jobs.ts';
import { makePeople } from '../../src/cli/demo/people.ts';
import { statusAt } from '../../src/cli/demo/stories.ts';
import { makeTeam } from '../../src/cli/demo/team.ts';
import { openPool, type Pool } from '../../src/database/pool.ts';
import type { Database } from '../../src/database/sql.ts';
import { newTrace } from '../../src/database/timing.ts';
import { faultsOf, type WeeklySpan } from '../../src/features/hours/rules.ts';
import { tryBalance } from '../../src/features/payments/trial.ts';
import { createLog } from '../../src/observe/log.ts';
import { readPhone } from '../../src/values/phone.ts';
import { hasValidCheckDigit } from '../../src/values/vin.ts';
import { cloneDatabase } from '../helpers/database.ts';

const ZONE = 'America/Los_Angeles';
/** A Tuesday, a quarter to one in Los Angeles. */
const NOON = '2026-11-24T20:45:00Z';
const SCALE = { customers: 200, vehicles: 300, appointments: 2_000 };
const TABLES =
  'customers vehicles technicians appointments appointment_services invoices invoice_lines payments refunds messages estimates estimate_lines estimate_authorizations';

const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

const emptyShop = async (): Promise<Database> => {
  const clone = await cloneDatabase();
  const limits = {
    acquireTimeoutMs: 2_000,
    queueMax: 100,
    lockTimeoutMs: 30_000,
    statementTimeoutMs: 30_000,
  };
  const pool: Pool = openPool(
    {
      url: clone.url,
      max: 4,
      min: 0,
      ...limits,
      slowQueryMs: 30_000,
      prepare: true,
      applicationName: 'test',
    },
    createLog({ level: 'silent' }),
  );
  ends.push(async () => {
    await pool.close();
    await clone.drop();
  });
  return pool.database(newTrace('test'));
};

const fill = (database: Database, changes: Partial<DemoOptions> = {}) =>
  fillDemo(database, {
    ...SCALE,
    zone: ZONE,
    shopName: 'The Shop',
    now: NOON,
    say: () => undefined,
    ...changes,
  });

/** Every row but for when it was written. */
const fingerprints = async (sql: Database): Promise<Record<string, string>> => {
  const rows = await sql<{ name: string; print: string }>`
    select name, (xpath('/row/print/text()', query_to_xml(format(
      'select md5(string_agg((to_jsonb(t) - ''created_at'' - ''updated_at'')::text, chr(10) order by id)) as print from %I t',
      name), false, true, '')))[1]::text as print
    from unnest(string_to_array(${TABLES}, ' ')) as name`;
  return Object.fromEntries(rows.map(({ name, print }) => [name, print]));
};

const numberOf = async (rows: Promise<{ number: number }[]>): Promise<number> =>
  (await rows)[0]?.number ?? -1;

const shop = await emptyShop();
const said: string[] = [];
const filled = await fill(shop, { say: (line) => said.push(line) });

describe('the calendar', () => {
  test('has as many customers, vehicles and jobs as were asked for', async () => {
    const [row] = await shop`
      select (select count(*) from customers) as customers, (select count(*) from vehicles) as vehicles,
        (select count(*) from appointments) as appointments`;
    expect(row).toEqual(SCALE);
    expect(filled.counts.appointments).toBe(SCALE.appointments);
  });

  test('never has a technician or a vehicle at two places, whatever became of the jobs', async () => {
    const overlaps = shop<{ number: number }>`
      select count(*) as number from appointments a join appointments b
        on a.id < b.id and (a.technician_id = b.technician_id or a.vehicle_id = b.vehicle_id)
        and a.starts_at < b.ends_at and b.starts_at < a.ends_at`;
    expect(await numberOf(overlaps)).toBe(0);
  });

  test('lies within the opening hours of Monday to Saturday, on both sides of today', async () => {
    const [row] = await shop`
      select
        count(*) filter (where extract(isodow from starts_at at time zone ${ZONE}) = 7
          or (starts_at at time zone ${ZONE})::time < '08:00' or (ends_at at time zone ${ZONE})::time > '18:00'
          or (starts_at at time zone ${ZONE})::date <> (ends_at at time zone ${ZONE})::date) as closed,
        count(*) filter (where extract(epoch from ends_at - starts_at) not between 30 * 60 and 150 * 60) as odd,
        min(starts_at) < ${NOON}::timestamptz - interval '170 days' as past,
        max(starts_at) > ${NOON}::timestamptz + interval '170 days' as future
      from appointments`;
    expect(row).toEqual({ closed: 0, odd: 0, past: true, future: true });
  });

  test('lies within the weekly hours of the technicians', async () => {
    const outside = shop<{ number: number }>`
      select count(*) as number from appointments a join technicians t on t.id = a.technician_id
      where not exists (
        select from jsonb_to_recordset(t.hours) h(weekday integer, "from" time, "to" time)
        where h.weekday = extract(isodow from a.starts_at at time zone ${ZONE})
          and h."from" <= (a.starts_at at time zone ${ZONE})::time
          and (a.ends_at at time zone ${ZONE})::time between h."from" and h."to")`;
    expect(await numberOf(outside)).toBe(0);
    const [row] = await shop<{ hours: WeeklySpan[] }>`select hours from technicians limit 1`;
    expect(faultsOf(row?.hours ?? [])).toEqual([]);
    expect(row?.hours.map(({ weekday, to }) => `${weekday} ${to}`)[5]).toBe('6 18:00');
  });

  test('gives jobs their own customer, one to four services of a skilled technician, and a place', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from appointments a
      join vehicles v on v.id = a.vehicle_id join technicians t on t.id = a.technician_id
      where v.customer_id <> a.customer_id or a.location_lat not between 33.7 and 34.3 or a.location_address is null
        or (select count(*) from appointment_services l where l.appointment_id = a.id) not between 1 and 4
        or a.created_at >= least(a.starts_at, ${NOON}::timestamptz)
        or a.created_at < (select created_at from customers c where c.id = a.customer_id)
        or exists (select from appointment_services l join services s on s.id = l.service_id
          where l.appointment_id = a.id and not s.skills <@ t.skills)
        or a.ends_at - a.starts_at <> greatest(interval '30 minutes', (
          select sum(l.quantity * l.duration_minutes) * interval '1 minute' from appointment_services l
          where l.appointment_id = a.id))`;
    expect(await numberOf(faults)).toBe(0);
  });

  test('knows the times of each state, in order and none of them still to come', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from appointments where
        greatest(en_route_at, started_at, ready_at, completed_at, no_show_at, canceled_at) > ${NOON}
        or not coalesce(created_at < en_route_at, true) or not coalesce(en_route_at < started_at, true)
        or not coalesce(started_at < ready_at, true) or not coalesce(started_at < completed_at, true)
        or not coalesce(ready_at < completed_at, true)
        or (status = 'completed') <> (completed_at is not null) or (status = 'canceled') <> (canceled_at is not null)
        or (status = 'no_show') <> (no_show_at is not null) or (status = 'in_progress' and started_at is null)
        or (status = 'scheduled' and en_route_at is not null)`;
    expect(await numberOf(faults)).toBe(0);
  });

  test('is completed in the past and scheduled in the future', async () => {
    const rows = await shop<{ times: string; statuses: string[] }>`
      select case when ends_at < ${NOON}::timestamptz - interval '1 hour' then 'past'
          when starts_at > ${NOON}::timestamptz + interval '1 hour' then 'future' else 'now' end as times,
        array_agg(distinct status order by status) as statuses
      from appointments group by 1 order by 1`;
    expect(rows.filter(({ times }) => times !== 'now')).toEqual([
      { times: 'future', statuses: ['canceled', 'scheduled'] },
      { times: 'past', statuses: ['canceled', 'completed', 'no_show'] },
    ]);
  });

  test('shows all states of a working day at noon', async () => {
    const days = daysAround(NOON, ZONE);
    const catalog = await readCatalog(shop);
    const cars = makeCars(makePeople(2_000, days), 3_000, days);
    const jobs = makeJobs(
      { days, catalog, team: makeTeam(catalog, days), cars, lastVisits: new Map() },
      0,
      65,
    );
    const statuses = jobs.map(({ story }) => statusAt(story, days.now));
    expect(jobs.length).toBe(65);
    expect(new Set(statuses).size).toBeGreaterThanOrEqual(5);
    expect(statuses.filter((status) => status === 'in_progress').length).toBeGreaterThan(1);
  });
});

describe('the money', () => {
  test('adds up: each invoice is the sum of its lines, each line of its parts', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from invoices i, lateral (
        select sum(quantity * unit_price_cents) as subtotal, sum(discount_cents) as discount, sum(tax_cents) as tax,
          sum(total_cents) as total, bool_and(tax_basis_points = case kind when 'part' then 950 else 0 end
            and tax_cents = floor(((quantity * unit_price_cents - discount_cents) * tax_basis_points + 5000) / 10000.0)
            and kind in ('labour', 'part') and discount_cents between 0 and quantity * unit_price_cents) as is_right
        from invoice_lines l where l.invoice_id = i.id) s
      where (subtotal_cents, discount_cents, tax_cents, total_cents) is distinct from
        (s.subtotal, s.discount, s.tax, s.total) or s.is_right is not true`;
    expect(await numberOf(faults)).toBe(0);
  });

  test('bills each completed job what was sold, but for discount and tax', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from invoices i join appointments a on a.id = i.appointment_id
      where a.status <> 'completed' or i.customer_id <> a.customer_id or i.vehicle_id <> a.vehicle_id
        or i.created_at < a.completed_at or i.subtotal_cents <> (
          select sum(quantity * price_cents) from appointment_services l where l.appointment_id = a.id)`;
    expect(await numberOf(faults)).toBe(0);
  });

  test('has paid what was paid less what was given back, and never more than that', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from invoices i where
        paid_cents <> (select coalesce(sum(amount_cents), 0) from payments p where p.invoice_id = i.id)
          - (select coalesce(sum(r.amount_cents), 0) from refunds r join payments p on p.id = r.payment_id
            where p.invoice_id = i.id)
        or (status = 'paid') <> (paid_at is not null) or (status = 'void') <> (voided_at is not null)
        or greatest(issued_at, paid_at, voided_at) > ${NOON} or issued_at < created_at
        or exists (select from payments p where p.invoice_id = i.id and p.received_at < i.issued_at)
        or exists (select from refunds r join payments p on p.id = r.payment_id
          where p.invoice_id = i.id and (r.created_at < p.received_at or r.amount_cents > p.amount_cents))`;
    expect(await numberOf(faults)).toBe(0);
  });

  test('is clean by the trial of the ledger', async () => {
    const { problems, checked } = await tryBalance(shop);
    expect(problems).toEqual([]);
    expect(checked).toBeGreaterThan(1_000);
  });

  test('numbers the invoices by their time of issue, from 1, without a gap', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from (
        select number, row_number() over (order by issued_at, id) as place, status, issued_at from invoices
        where issued_at is not null) i where number <> place or status = 'draft'`;
    expect(await numberOf(faults)).toBe(0);
    const unissued = shop<{ number: number }>`
      select count(*) as number from invoices where (number is null) <> (issued_at is null)`;
    expect(await numberOf(unissued)).toBe(0);
  });

  test('shows every state that an invoice can have', async () => {
    const rows = await shop<{ status: string }>`select distinct status from invoices order by status`;
    expect(rows.map(({ status }) => status)).toEqual(['draft', 'issued', 'paid', 'partially_paid', 'void']);
  });
});

describe('the estimates', () => {
  test('show every state, are numbered by when they were written, and none passes its time', async () => {
    const rows = await shop<{ status: string; count: number }>`
      select status, count(*) from estimates group by status order by status`;
    expect(rows.map(({ status }) => status)).toEqual([
      ...['approved', 'converted', 'declined', 'draft', 'partly_approved', 'sent'],
    ]);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(filled.counts.estimates);
    const faults = shop<{ number: number }>`
      select count(*) as number from (
        select e.*, row_number() over (order by e.created_at, e.id) as place from estimates e) e
      join customers c on c.id = e.customer_id join vehicles v on v.id = e.vehicle_id
      left join appointments a on a.id = e.appointment_id
      where e.number <> e.place or e.created_at < c.created_at or v.customer_id <> c.id
        or greatest(e.sent_at, e.converted_at, e.updated_at) > ${NOON} or e.sent_at < e.created_at
        or a.customer_id <> e.customer_id or a.vehicle_id <> e.vehicle_id or a.created_at <> e.converted_at`;
    expect(await numberOf(faults)).toBe(0);
  });

  test('are what was decided of their lines, and no invoice passes them', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from estimates e, lateral (
        select count(*) as lines, count(*) filter (where decision = 'approved') as approved,
          count(*) filter (where decision = 'declined') as declined from estimate_decisions where estimate_id = e.id) d
      where d.lines = 0 or e.total_cents <> (select sum(total_cents) from estimate_lines where estimate_id = e.id)
        or not case e.status when 'approved' then d.approved = d.lines when 'converted' then d.approved = d.lines
          when 'declined' then d.declined = d.lines when 'partly_approved' then d.approved between 1 and d.lines - 1
          else d.approved + d.declined = 0 end`;
    expect(await numberOf(faults)).toBe(0);
    const over = shop<{ number: number }>`
      select count(*) as number from invoices i join job_authorizations j using (appointment_id)
      where i.total_cents > j.authorized_cents`;
    expect(await numberOf(over)).toBe(0);
  });
});

describe('people and cars', () => {
  test('have phones that are valid, and kept for fiction', async () => {
    const rows = await shop<{ phone: string }>`
      select phone from customers where phone is not null union all select phone from technicians`;
    expect(rows.filter(({ phone }) => readPhone(phone, 'US') !== phone)).toEqual([]);
    expect(rows.filter(({ phone }) => !/^\+1\d{3}55501\d\d$/.test(phone))).toEqual([]);
  });

  test('get no text without consent, no mail without an address', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from messages m join appointments a on a.id = m.appointment_id
      join customers c on c.id = a.customer_id
      where (m.channel = 'sms' and not (c.sms_consent and c.phone is not null))
        or (m.channel = 'email' and c.email is null) or greatest(m.created_at, m.sent_at - interval '1 minute') > ${NOON}
        or (m.channel = 'sms' and m.direction = 'out' and m.status <> 'queued'
          and extract(hour from m.created_at at time zone ${ZONE}) not between 8 and 20)`;
    expect(await numberOf(faults)).toBe(0);
  });

  test('have one primary vehicle each, and VINs with a right check digit', async () => {
    const faults = shop<{ number: number }>`
      select count(*) as number from customers c
      where (select count(*) from vehicles v where v.customer_id = c.id and v.is_primary) <> 1`;
    expect(await numberOf(faults)).toBe(0);
    const vins = await shop<{ vin: string }>`select vin from vehicles where vin is not null`;
    expect(vins.length).toBeGreaterThan(200);
    expect(vins.filter(({ vin }) => !/^[A-HJ-NPR-Z\d]{17}$/.test(vin) || !hasValidCheckDigit(vin))).toEqual(
      [],
    );
  });
});

describe('a demo', () => {
  test('says each step and names a customer with a history', async () => {
    expect(said.slice(0, 2)).toEqual(['200 customers', '300 vehicles']);
    expect(said.at(-1)).toBe('2,000 of 2,000 appointments');
    const jobs = shop<{ number: number }>`
      select count(*) as number from appointments where customer_id = ${filled.customerId}`;
    expect(await numberOf(jobs)).toBeGreaterThan(10);
  });

  test('refuses a shop that has customers, and changes nothing', async () => {
    const before = await fingerprints(shop);
    await expect(fill(shop)).rejects.toThrow(
      'The shop has 200 customers already; demo fills an empty shop only.',
    );
    expect(await fingerprints(shop)).toEqual(before);
  });

  test('is the same again, with every id, and refused to the second of two at once', async () => {
    const other = await emptyShop();
    const two = await Promise.allSettled([fill(other), fill(other)]);
    expect(two.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await fingerprints(other)).toEqual(await fingerprints(shop));
  });

  test('keeps its people, cars and calendar through the day', async () => {
    const evening = await emptyShop();
    await fill(evening, { now: '2026-11-25T05:30:00Z' });
    const [one, other] = [await fingerprints(shop), await fingerprints(evening)];
    const lasting = ['customers', 'vehicles', 'technicians', 'appointment_services'];
    for (const table of lasting) expect(other[table]).toBe(one[table] ?? '');
    expect(other.appointments).not.toBe(one.appointments ?? '');
    const open = evening<{ number: number }>`
      select count(*) as number from appointments where status in ('en_route', 'in_progress', 'ready')`;
    expect(await numberOf(open)).toBe(0);
  });

  test('fills a shop without a catalog with jobs alone, and says so', async () => {
    const bare = await emptyShop();
    await bare`truncate services cascade`;
    const lines: string[] = [];
    const { counts } = await fill(bare, { appointments: 300, say: (line) => lines.push(line) });
    expect(counts).toMatchObject({ appointments: 300, services: 0, invoices: 0 });
    expect(lines[0]).toBe('The catalog is empty: the jobs come without services and invoices.');
  });
});
