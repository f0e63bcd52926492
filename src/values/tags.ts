import * as v from 'valibot';
import { line } from './text.ts';

export const tags = () =>
  v.config(
    v.pipe(
      v.array(line(MAX_TAG_LENGTH), 'must be a list of tags'),
      v.maxLength(MAX_TAGS, `must be at most ${MAX_TAGS} tags`),
      v.check(areDistinct, 'must not have the same tag twice'),
    ),
    { abortPipeEarly: true },
  );

export const MAX_TAGS = 20;
const MAX_TAG_LENGTH = 40;

const areDistinct = (tags: string[]): boolean =>
  new Set(tags.map((tag) => tag.toLowerCase())).size === tags.length;
