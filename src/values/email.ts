import * as v from 'valibot';
import { documented } from './documented.ts';

/** An e-mail address, lower-cased as a whole: no provider tells addresses apart by case, people do not either. */
export const email = () =>
  v.config(
    v.pipe(
      v.string(NOT_AN_EMAIL),
      documented({ type: 'string', format: 'email', maxLength: MAX_LENGTH, examples: ['sam@example.com'] }),
      v.trim(),
      v.maxLength(MAX_LENGTH, `must be at most ${MAX_LENGTH} characters long`),
      v.regex(ADDRESS, NOT_AN_EMAIL),
      v.toLowerCase(),
    ),
    { abortPipeEarly: true },
  );

// RFC 5321, 4.5.3.1.3: a path is at most 256 octets, its angle brackets included.
const MAX_LENGTH = 254;
const NOT_AN_EMAIL = 'must be an e-mail address, for example sam@example.com';

// RFC 5321's dot-string and domain in ASCII, at least two labels; quoted and internationalised names are refused.
const ADDRESS =
  /^(?=[^@]{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z](?:[a-z\d-]{0,61}[a-z\d])$/i;
