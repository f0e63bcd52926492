import * as v from 'valibot';
import { degrees, edited, flag, id, maybe, text, texts } from './parts.ts';

export const Technician = v.strictObject({
  id: id(),
  staff_id: maybe(id()),
  name: text(),
  initials: text(),
  phone: maybe(text()),
  skills: texts(),
  start: maybe(v.strictObject({ lat: degrees(), lng: degrees() })),
  is_active: flag(),
  ...edited(),
});
