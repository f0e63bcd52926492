import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aTechnician } from '../../helpers/factories.ts';

/** Both Sundays of 2031 on which the clocks are set, and how long the local day is. */
const WEEKENDS: [zone: string, date: string, hours: number][] = [
  ['America/New_York', '2031-03-09', 23],
  ['America/New_York', '2031-11-02', 25],
  ['America/Los_Angeles', '2031-03-09', 23],
  ['America/Los_Angeles', '2031-11-02', 25],
  ['Europe/London', '2031-03-30', 23],
  ['Europe/London', '2031-10-26', 25],
  ['Australia/Lord_Howe', '2031-04-06', 24.5],
  ['Australia/Lord_Howe', '2031-10-05', 23.5],
];
const SUNDAY = 7;
const HOUR_MS = 3_600_000;

const startOf = (date: string, zone: string): number =>
  Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone }).epochMilliseconds;
const after = (date: string): string => Temporal.PlainDate.from(date).add({ days: 1 }).toString();

for (const [zone, date, hours] of WEEKENDS) {
  describe(`${zone} on ${date}, a day of ${hours} hours`, async () => {
    const app = await testApp({ env: { SHOP_TIMEZONE: zone } });
    const owner = await app.as('owner');

    const startsOf = async (technician: Data): Promise<Data[]> => {
      const path = `/v1/availability?technician_id=${technician.id}&from=${date}&to=${after(date)}&limit=100`;
      const first = (await owner.get(path)).data;
      if (first.next_cursor === null) return first.items;
      return [...first.items, ...(await owner.get(`${path}&cursor=${first.next_cursor}`)).data.items];
    };
    const withHours = async (from: string, to: string): Promise<Data> => {
      const technician = await aTechnician(owner);
      const hours = [{ weekday: SUNDAY, from, to }];
      await app.sql`update technicians set hours = ${app.sql.json(hours)} where id = ${technician.id}`;
      return technician;
    };

    test('a technician without hours can be booked at every quarter hour that exists', async () => {
      const starts = await startsOf(await aTechnician(owner));
      expect(starts).toHaveLength(hours * 4);
      expect(new Set(starts.map((one) => one.starts_at)).size).toBe(hours * 4);
      // The clocks of the shop show them, and the offset tells the hour that comes twice apart.
      for (const { starts_at, local_start } of starts) {
        expect(Temporal.Instant.from(local_start).toString()).toBe(starts_at);
        expect(local_start).toBe(
          Temporal.Instant.from(starts_at)
            .toZonedDateTimeISO(zone)
            .toString({ timeZoneName: 'never', smallestUnit: 'second' }),
        );
      }
    });

    test('working hours are those on the wall: 08:00 to 17:00 has 33 starts for an hour', async () => {
      const starts = await startsOf(await withHours('08:00', '17:00'));
      expect(starts).toHaveLength(33);
      expect(starts[0]?.local_start.slice(11, 16)).toBe('08:00');
      expect(starts.at(-1)?.local_start.slice(11, 16)).toBe('16:00');
    });

    test('a night shift over the change is as long as the night really is', async () => {
      const technician = await withHours('00:00', '06:00');
      const starts = await startsOf(technician);
      // The clocks are set before six everywhere here.
      expect(starts).toHaveLength((6 - (24 - hours) - 1) * 4 + 1);
      const [first] = starts;
      const last = starts.at(-1);
      expect(Date.parse(first?.starts_at)).toBe(startOf(date, zone));
      expect(Date.parse(last?.ends_at) - startOf(date, zone)).toBe((6 - (24 - hours)) * HOUR_MS);
    });

    test('what is offered on that day can be booked, to the last start', async () => {
      const technician = await withHours('00:00', '24:00');
      const { id: customer_id } = (
        await owner.post('/v1/customers', {
          name: 'Eve',
          email: `eve-${zone}-${date}@example.com`.toLowerCase(),
        })
      ).data;
      for (const { starts_at } of (await startsOf(technician)).filter((_, at) => at % 8 === 0)) {
        const body = { customer_id, technician_id: technician.id, starts_at };
        expect((await owner.post('/v1/appointments', body)).status).toBe(201);
      }
      const tooLate = new Date(startOf(after(date), zone) - HOUR_MS / 2).toISOString();
      const refused = await owner.post('/v1/appointments', {
        ...{ customer_id, technician_id: technician.id, starts_at: tooLate },
      });
      expect(['appointment.outside_hours', 'appointment.slot_taken']).toContain(refused.error.reason);
    });
  });
}
