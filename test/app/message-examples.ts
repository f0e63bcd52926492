import { newId } from '../../src/values/id.ts';
import { aBooking, aTemplate, signed, signedText } from '../helpers/factories.ts';
import { at, deleted, type Make } from './example.ts';

const CALLBACKS = 'POST /v1/providers/sms/callbacks';

/** The headers that a body needs where its signature says who asks. */
export const signatureFor = (route: string, raw: string | Uint8Array): Record<string, string> =>
  route === CALLBACKS ? signedText(raw) : {};

/** Of examples.ts, which has no room for them. */
export const OF_MESSAGES: Readonly<Record<string, Make>> = {
  'GET /v1/appointments/:id/messages': ({ owner }) =>
    at('/v1/appointments', aBooking(owner), { below: '/messages' }),
  'POST /v1/appointments/:id/messages': ({ owner }) =>
    at('/v1/appointments', aBooking(owner), {
      below: '/messages',
      body: {
        channel: 'email',
        subject: 's',
        body: 'Hello {{customer_name}}',
        variables: { address: 'here' },
      },
    }),

  'GET /v1/message-templates': () => ({ path: '/v1/message-templates' }),
  'POST /v1/message-templates': () => ({
    path: '/v1/message-templates',
    body: {
      ...{ name: 'Late', kind: null, channel: 'email', subject: 'Late', body: 'Sorry, {{customer_name}}!' },
      is_active: true,
    },
  }),
  'GET /v1/message-templates/:id': ({ owner }) => at('/v1/message-templates', aTemplate(owner)),
  'PATCH /v1/message-templates/:id': ({ owner }) =>
    at('/v1/message-templates', aTemplate(owner), { body: { body: 'Hello!' } }),
  'DELETE /v1/message-templates/:id': ({ owner }) => at('/v1/message-templates', aTemplate(owner)),
  'POST /v1/message-templates/:id/restore': ({ owner }) =>
    at('/v1/message-templates', deleted(owner, '/v1/message-templates', aTemplate(owner)), {
      below: '/restore',
    }),
  'POST /v1/message-templates/:id/render': async ({ owner }) => {
    const { id: appointment_id } = await aBooking(owner);
    const body = { appointment_id, variables: { vehicle: 'Van' } };
    return at('/v1/message-templates', aTemplate(owner), { below: '/render', body });
  },

  'GET /v1/outbox': () => ({ path: '/v1/outbox?status=failed,queued' }),
  'POST /v1/outbox/:id/retry': async ({ app, owner }) => {
    const { id } = await aBooking(owner);
    const written = await owner.post(`/v1/appointments/${id}/messages`, { channel: 'email', body: 'Hello' });
    const [failed] = await app.sql<{ id: string }>`
      update outbox set status = 'failed' where message_id = ${written.data.id} returning id`;
    await app.sql`update messages set status = 'failed' where id = ${written.data.id}`;
    return { path: `/v1/outbox/${failed?.id}/retry` };
  },
  [CALLBACKS]: () => {
    const body = { type: 'received', id: `SM${newId()}`, from: '+12135550142', text: 'Hello' };
    return { path: '/v1/providers/sms/callbacks', body, headers: signed(body) };
  },
};
