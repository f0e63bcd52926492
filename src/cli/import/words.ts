import { parseArgs } from 'node:util';
import { nearest } from '../../values/nearest.ts';
import { isKind, KINDS, type Kind, type Mapped } from './columns.ts';

export type ImportWords =
  | { kind: 'help' }
  | { kind: 'fault'; fault: string }
  | ({ kind: 'import' } & ImportAsked);

export type ImportAsked = {
  file: string;
  as: Kind | undefined;
  maps: Mapped[];
  isVinUnchecked: boolean;
  isDryRun: boolean;
};

/** What was typed after `import`. */
export const readImportWords = (rest: readonly string[]): ImportWords => {
  const parsed = parsedFrom(rest);
  if (typeof parsed === 'string') return fault(parsed);
  const { values, positionals } = parsed;
  const [file, ...others] = positionals;
  if (values.help || (file === 'help' && others.length === 0)) return { kind: 'help' };
  if (file === undefined || file === '') return fault('Which file? import needs the path of a CSV file.');
  if (others.length > 0) return fault(`${others[0]} is one word too many: import takes one file at a time.`);
  if (values.as !== undefined && !isKind(values.as)) return fault(unknownKind(values.as));
  const maps = (values.map ?? []).map(mappedFrom);
  const odd = maps.find((one) => typeof one === 'string');
  if (odd !== undefined) return fault(odd);
  return {
    kind: 'import',
    file,
    as: values.as,
    maps: maps.filter((one) => typeof one !== 'string'),
    isVinUnchecked: values['vin-unchecked'] ?? false,
    isDryRun: values['dry-run'] ?? false,
  };
};

const fault = (text: string): ImportWords => ({ kind: 'fault', fault: text });

const unknownKind = (text: string): string => {
  const meant = nearest(text, KINDS);
  return `--as must be ${KINDS.join(' or ')}, not ${text}${meant === undefined ? '.' : `: was ${meant} meant?`}`;
};

const parsedFrom = (rest: readonly string[]) => {
  try {
    return parseArgs({
      args: [...rest],
      options: {
        ...{ as: { type: 'string' }, map: { type: 'string', multiple: true } },
        ...{ 'vin-unchecked': { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return error instanceof Error ? `${error.message.replace(/\. .*/s, '')}.` : String(error);
  }
};

/** A column's name may itself hold an equals sign, a field never does. */
const mappedFrom = (text: string): Mapped | string => {
  const at = text.lastIndexOf('=');
  const mapped = { column: text.slice(0, Math.max(at, 0)).trim(), field: text.slice(at + 1).trim() };
  return mapped.column === '' || mapped.field === ''
    ? `--map takes "Column=field", such as --map "Cell no.=phone"; ${text === '' ? 'nothing' : text} is none.`
    : mapped;
};
