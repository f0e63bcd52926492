import type { Json, Transaction } from '../../database/sql.ts';
import { fail, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import {
  againPending,
  cancelPending,
  deleteWebhook,
  findDelivery,
  findWebhook,
  insertTest,
  insertWebhook,
  type LockedWebhook,
  lockWebhook,
  restartProgress,
  setSecret,
  updateWebhook,
  type WebhookShape,
} from './queries.ts';
import { newSecret, OVERLAP_MS } from './rules.ts';
import type { NewWebhook, WebhookPatch } from './schema.ts';

type OnWebhook = { id: string; expected: Expected };

/** The shape with the secret, which is told nowhere else. */
export const addWebhook = async (tx: Transaction, input: NewWebhook): Promise<WebhookShape> => {
  const [id, secret] = [newId(), newSecret()];
  await insertWebhook(tx, { id, secret, ...input });
  return withSecret(await shapeNow(tx, id), secret);
};

/**
 * Switched off it loses what is still to be sent, and switched on again what was put down just as it was switched off:
 * it is told of what happens from then on.
 */
export const changeWebhook = async (
  tx: Transaction,
  { id, patch, expected }: OnWebhook & { patch: WebhookPatch },
): Promise<WebhookShape> => {
  const current = await lockFresh(tx, { id, expected });
  const next = { ...current, ...patch };
  await updateWebhook(tx, id, next);
  if (current.is_active !== next.is_active) {
    await cancelPending(tx, id);
    if (next.is_active) await restartProgress(tx, id);
  }
  return shapeNow(tx, id);
};

/** The old secret signs too for a day, so that receivers can change theirs meanwhile. */
export const rotateSecret = async (
  tx: Transaction,
  on: OnWebhook & { now: number },
): Promise<WebhookShape> => {
  await lockFresh(tx, on);
  const secret = newSecret();
  await setSecret(tx, on.id, { secret, oldEndsAt: new Date(on.now + OVERLAP_MS).toISOString() });
  return withSecret(await shapeNow(tx, on.id), secret);
};

/** Returns what it was; its deliveries go with it. */
export const removeWebhook = async (tx: Transaction, on: OnWebhook): Promise<Json> => {
  await lockFresh(tx, on);
  const { shape } = await shapeNow(tx, on.id);
  await deleteWebhook(tx, on.id);
  return shape;
};

export const sendTest = async (tx: Transaction, on: OnWebhook & { now: string }): Promise<Json> => {
  assertActive(await lockFresh(tx, on));
  const id = newId();
  await insertTest(tx, { id, webhookId: on.id, type: 'webhook.test', now: on.now });
  return deliveryNow(tx, id);
};

export const redeliver = async (
  tx: Transaction,
  on: OnWebhook & { deliveryId: string; now: string },
): Promise<Json> => {
  const webhook = await lockFresh(tx, on);
  const found = await againPending(tx, { id: on.deliveryId, webhookId: on.id, now: on.now });
  if (found === undefined) throw notFound('delivery');
  assertActive(webhook);
  return deliveryNow(tx, on.deliveryId);
};

const assertActive = ({ is_active: isActive }: LockedWebhook): void => {
  if (isActive) return;
  throw fail(
    'webhook.inactive',
    'This webhook is off: nothing is sent to it. PATCH is_active to true first.',
  );
};

const lockFresh = async (tx: Transaction, { id, expected }: OnWebhook): Promise<LockedWebhook> => {
  const current = await lockWebhook(tx, id);
  if (current === undefined) throw notFound('webhook');
  assertFresh('webhook', expected, current.version);
  return current;
};

const withSecret = ({ shape, ...rest }: WebhookShape, secret: string): WebhookShape => ({
  ...rest,
  // Base64 and whsec_ need no escaping; the shape is an object with fields.
  shape: `{"secret":"${secret}",${shape.slice(1)}` as Json,
});

const shapeNow = async (tx: Transaction, id: string): Promise<WebhookShape> => {
  const found = await findWebhook(tx, id);
  if (found === undefined) throw notFound('webhook');
  return found;
};

const deliveryNow = async (tx: Transaction, id: string): Promise<Json> => {
  const found = await findDelivery(tx, id);
  if (found === undefined) throw notFound('delivery');
  return found;
};
