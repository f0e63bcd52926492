import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { DELIVERY_STATUSES } from '../../shapes/webhook.ts';
import { documented } from '../../values/documented.ts';
import { commaList } from '../../values/number.ts';
import { EVENTS, eventName } from '../changes/schema.ts';
import { whyNoReceiver } from './rules.ts';

const MAX_URL_LENGTH = 2_000;

/** Receivers of the shop's own network, and without TLS, only where the configuration says so. */
const receiver = (allowsPrivate: boolean) =>
  v.config(
    v.pipe(
      v.string('must be a text'),
      documented({ type: 'string', format: 'uri', examples: ['https://hooks.example.com/shop'] }),
      v.maxLength(MAX_URL_LENGTH, `must be at most ${MAX_URL_LENGTH} characters long`),
      v.rawCheck(({ dataset, addIssue }) => {
        const message = dataset.typed ? whyNoReceiver(dataset.value, allowsPrivate) : undefined;
        if (message !== undefined) addIssue({ message });
      }),
      v.transform((url) => new URL(url).href),
    ),
    { abortPipeEarly: true },
  );

const events = v.pipe(
  v.array(eventName, 'must be a list of types'),
  v.minLength(1, 'must name at least one type; * stands for all'),
  v.maxLength(EVENTS.length, `must be at most ${EVENTS.length} types`),
  v.transform((all) => [...new Set(all)]),
);

export const newWebhook = (allowsPrivate: boolean) =>
  v.strictObject({ url: receiver(allowsPrivate), events: v.optional(events, ['*']) });

export const webhookPatch = (allowsPrivate: boolean) =>
  v.strictObject({
    url: v.exactOptional(receiver(allowsPrivate)),
    events: v.exactOptional(events),
    is_active: v.exactOptional(v.boolean('must be true or false')),
  });

export const WebhookList = v.strictObject(pageParameters(['created_at']));

export const DeliveryList = v.strictObject({
  ...pageParameters(['-created_at']),
  status: v.optional(
    commaList(
      v.picklist(DELIVERY_STATUSES, `must be one of ${DELIVERY_STATUSES.join(', ')}`),
      DELIVERY_STATUSES.length,
    ),
  ),
});

export type NewWebhook = v.InferOutput<ReturnType<typeof newWebhook>>;
export type WebhookPatch = v.InferOutput<ReturnType<typeof webhookPatch>>;
export type WebhookList = v.InferOutput<typeof WebhookList>;
export type DeliveryList = v.InferOutput<typeof DeliveryList>;
