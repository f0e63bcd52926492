import * as v from 'valibot';
import { documented } from '../../values/documented.ts';

const anyText = (max: number) =>
  v.pipe(v.string('must be a text'), v.maxLength(max, `must be at most ${max} characters long`));
const id = v.pipe(anyText(200), v.minLength(1, 'must not be empty'));

const TYPES = ['delivered', 'failed', 'received'] as const;

export const SmsCallback = v.strictObject({
  type: v.picklist(TYPES, `must be one of ${TYPES.join(', ')}`),
  id: v.pipe(id, v.description('What the provider calls the text: of ours, as it answered when it took it')),
  error: v.exactOptional(v.pipe(anyText(500), v.description('Of one that failed'))),
  from: v.exactOptional(
    v.pipe(anyText(40), documented({ type: 'string', maxLength: 40, examples: ['+12135550142'] })),
  ),
  text: v.exactOptional(v.pipe(anyText(10_000), v.description('Of one that was received'))),
});

export type SmsCallback = v.InferOutput<typeof SmsCallback>;
