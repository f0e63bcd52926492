import * as v from 'valibot';

// The forms of addresses in the environment.

export const postgresUrl = () =>
  v.pipe(
    v.string(),
    v.regex(
      /^postgres(?:ql)?:\/\/\S+$/,
      'must be an address such as postgres://user:password@host:5432/shop',
    ),
  );
export const origin = () =>
  v.pipe(
    v.string(),
    v.regex(/^https?:\/\/[^/\s*]+$/, 'must be origins such as https://shop.example, by commas'),
  );

export const webAddress = () =>
  v.pipe(
    v.string(),
    v.regex(
      /^https?:\/\/[^\s?#]*[^\s?#/]$/,
      'must be an address such as https://shop.example, without a / at its end',
    ),
  );

export const smtpUrl = () =>
  v.pipe(
    v.string(),
    v.regex(/^smtps?:\/\/\S+$/, 'must be an address such as smtps://user:password@host:465'),
  );

const WAY = ['{from_lat}', '{from_lng}', '{to_lat}', '{to_lng}'];
export const wayAddress = () =>
  v.pipe(
    v.string(),
    v.check(
      (text) => /^https?:\/\/\S+$/.test(text) && WAY.every((end) => text.includes(end)),
      `must be an address that holds ${WAY.join(', ')}`,
    ),
  );

export const host = () => v.pipe(v.string(), v.regex(/^[\w.:-]+$/, 'must be an address or a host name'));
