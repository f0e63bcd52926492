import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { id } from '../../values/id.ts';
import { body, channel, subject, variables } from '../templates/schema.ts';

export const MessageList = v.strictObject(pageParameters(['created_at']));

export const NewMessage = v.strictObject({
  channel,
  body: v.exactOptional(v.pipe(body, v.description('Instead of template_id; may name variables too'))),
  template_id: v.exactOptional(v.pipe(id(), v.description('Instead of body'))),
  subject: v.exactOptional(
    v.pipe(subject, v.description("Of an e-mail; else the template's, or the shop's name")),
  ),
  variables: v.exactOptional(variables),
});

export type MessageList = v.InferOutput<typeof MessageList>;
export type NewMessage = v.InferOutput<typeof NewMessage>;
