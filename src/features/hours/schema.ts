import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { documented } from '../../values/documented.ts';
import { whole } from '../../values/number.ts';
import { line } from '../../values/text.ts';
import { instantOrDate } from '../../values/time.ts';
import { faultsOf, inOrder } from './rules.ts';

const MAX_SPANS = 70;
const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const END_OF_DAY = '24:00';

const clock = (pattern: string, message: string) =>
  v.pipe(
    v.string(message),
    documented({ type: 'string', pattern, examples: ['08:00'] }),
    v.regex(new RegExp(pattern), message),
  );

const weeklySpan = v.strictObject({
  weekday: whole(1, 7),
  from: clock(`^${CLOCK}$`, 'must be a time of the day such as 08:00'),
  to: clock(`^(?:${CLOCK}|${END_OF_DAY})$`, `must be a time of the day such as 17:00, or ${END_OF_DAY}`),
});

export const HoursPut = v.strictObject({
  hours: v.nullable(
    v.pipe(
      v.array(weeklySpan, 'must be a list of spans, or null'),
      v.maxLength(MAX_SPANS, `must be at most ${MAX_SPANS} spans`),
      v.rawCheck(({ dataset, addIssue }) => {
        if (!dataset.typed) return;
        const spans = dataset.value;
        for (const { at, message } of faultsOf(spans)) {
          const path = { type: 'array', origin: 'value', input: spans, key: at, value: spans[at] } as const;
          addIssue({ message, path: [path] });
        }
      }),
      v.transform((spans) => inOrder(spans)),
    ),
  ),
});

/** `zone` is the shop's: a bare date is the start of that day there. */
export const newSpan = ({ zone }: { zone: string }) =>
  v.strictObject({
    starts_at: instantOrDate(zone),
    ends_at: instantOrDate(zone),
    reason: v.exactOptional(v.nullable(line(300))),
  });

/** Whatever overlaps the time from `from` up to, but not including, `to`. */
export const spanList = ({ zone }: { zone: string }) =>
  v.strictObject({
    ...pageParameters(['starts_at']),
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
  });

export type NewSpan = v.InferOutput<ReturnType<typeof newSpan>>;
export type SpanList = v.InferOutput<ReturnType<typeof spanList>>;
