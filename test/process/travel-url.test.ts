import { expect, setDefaultTimeout, test } from 'bun:test';
import type { Data } from '../helpers/app.ts';
import { adminOf, login, OWNER_VARIABLES } from './requests.ts';
import { household } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, serve } = household();

test('a started server measures by TRAVEL_URL, and /metrics counts', async () => {
  const osrm = Bun.serve({
    ...{ hostname: '127.0.0.1', port: 0 },
    fetch: () => Response.json({ code: 'Ok', routes: [{ duration: 4_321 }] }),
  });
  const server = serve({
    ...{ DATA_DIR: folder(), DATABASE_URL: await database(), ...OWNER_VARIABLES },
    TRAVEL_URL: `http://127.0.0.1:${osrm.port}/route/v1/driving/{from_lng},{from_lat};{to_lng},{to_lat}`,
  });
  const address = await server.ready();
  const answer = async (asked: Promise<Response>): Promise<Data> =>
    ((await (await asked).json()) as { data: Data }).data;
  const { access_token } = await answer(login(address));
  const call = (path: string, body?: object): Promise<Data> =>
    answer(
      fetch(`${address}${path}`, {
        headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      }),
    );
  const start = { lat: 34.1, lng: -118 };
  const { id } = await call('/v1/technicians', { name: 'Mo Kim', start });
  const { items } = await call(`/v1/availability?technician_id=${id}&lat=34&lng=-118&limit=1`);
  expect(items).toMatchObject([{ travel_minutes_before: 73, travel_source: 'measured' }]);
  const metrics = await (await fetch(`${await adminOf(server)}/metrics`)).text();
  expect(metrics).toMatch(/^travel_requests_total\{outcome="measured",worker="1"\} 1$/m);
  await osrm.stop(true);
});
