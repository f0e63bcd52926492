import * as v from 'valibot';
import { ROLES } from '../access.ts';
import { edited, flag, id, text } from './parts.ts';

export const Person = v.strictObject({ id: id(), email: text(), name: text(), role: v.picklist(ROLES) });

export const Staff = v.strictObject({ ...Person.entries, is_active: flag(), ...edited() });

export const Tokens = v.strictObject({
  access_token: text(),
  token_type: v.literal('Bearer'),
  expires_in: v.pipe(v.number(), v.description('Seconds until the access token ends')),
  refresh_token: text(),
  staff: Person,
});
