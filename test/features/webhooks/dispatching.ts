import { type DispatcherDeps, dispatch } from '../../../src/features/webhooks/dispatcher.ts';
import { createSender } from '../../../src/features/webhooks/sender.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';

export const ENV = { ...PATIENT, WEBHOOKS_ALLOW_PRIVATE: 'true' };

/** A shop of its own with a clock that stands until it is set on. */
export const openShop = async () => {
  let now = Date.now();
  const clock = () => now;
  const app = await testApp({ env: ENV, clock });
  let current = await app.as('owner');
  const owner = () => current;
  const disabled: string[] = [];
  const deps: DispatcherDeps = {
    sql: app.sql,
    send: createSender({ allowsPrivate: true, timeoutMs: 500 }),
    clock,
    luck: () => 0.5,
    disabled: (id, reason) => disabled.push(`${id} ${reason}`),
  };
  const hookOf = async (url: string, events = ['*']): Promise<Data> => {
    const { status, data, text } = await owner().post('/v1/webhooks', { url, events });
    if (status !== 201) throw new Error(text);
    return data;
  };
  /** In the order in which their things were made. */
  const deliveriesOf = async ({ id }: Data): Promise<Data[]> => {
    const { data } = await owner().get(`/v1/webhooks/${id}/deliveries?limit=100`);
    const made = (one: Data): string => one.payload.data.entity_id;
    return data.items.sort((one: Data, other: Data) => (made(one) < made(other) ? -1 : 1));
  };
  return {
    ...{ app, owner, disabled, deps, hookOf, deliveriesOf },
    readHook: async ({ id }: Data): Promise<Data> => (await owner().get(`/v1/webhooks/${id}`)).data,
    round: (other: Partial<DispatcherDeps> = {}) => dispatch({ ...deps, ...other }),
    later: async (ms: number): Promise<void> => {
      now += ms;
      // A login lasts a quarter of an hour.
      current = await app.as('owner');
    },
  };
};
