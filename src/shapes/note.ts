import * as v from 'valibot';
import { author, id, instant, text } from './parts.ts';

export const Note = v.strictObject({
  id: id(),
  customer_id: id(),
  body: text(),
  author: author(),
  created_at: instant(),
});
