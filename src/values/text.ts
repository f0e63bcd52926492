import * as v from 'valibot';
import { documented } from './documented.ts';

/** One line of visible text, trimmed, at most `max` UTF-16 units, so it fits a column of `max` characters. */
export const line = (max: number) =>
  v.config(
    v.pipe(
      v.string('must be a text'),
      documented({ type: 'string', minLength: 1, maxLength: max }),
      v.trim(),
      v.maxLength(max, `must be at most ${max} characters long`),
      v.check(isWellFormed, 'must be well-formed Unicode, without lone surrogates'),
      v.check(isOneLine, 'must be one line without control characters'),
      v.check(isVisible, 'must not be empty'),
    ),
    ONE_ISSUE,
  );

/** Of the notes about a person or a thing. */
export const MAX_NOTES_LENGTH = 5_000;

/** Text of several lines; line ends come out as \n. */
export const prose = (max: number) =>
  v.config(
    v.pipe(
      v.string('must be a text'),
      documented({ type: 'string', minLength: 1, maxLength: max }),
      v.transform((text) => text.replace(/\r\n?/g, '\n').trim()),
      v.maxLength(max, `must be at most ${max} characters long`),
      v.check(isWellFormed, 'must be well-formed Unicode, without lone surrogates'),
      v.check(isProse, 'must not contain control characters other than line ends and tabs'),
      v.check(isVisible, 'must not be empty'),
    ),
    ONE_ISSUE,
  );

/** The words of a search; runs of white space become one space. */
export const search = (max: number) =>
  v.pipe(
    line(max),
    v.transform((text) => text.replace(/\s+/g, ' ')),
  );

const ONE_ISSUE = { abortPipeEarly: true } as const;

// PostgreSQL refuses lone surrogates (22021) and NUL; NUL is one of the control characters below.
const isWellFormed = (text: string): boolean => text.isWellFormed();

const isOneLine = (text: string): boolean => !/[\p{Cc}\u2028\u2029]/u.test(text);

const isProse = (text: string): boolean => !/(?![\n\t])\p{Cc}/u.test(text);

// A name of zero-width spaces alone would pass a test on its length.
const isVisible = (text: string): boolean => /[^\p{Z}\p{C}]/u.test(text);
