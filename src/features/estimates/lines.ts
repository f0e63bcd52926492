import { invalid } from '../../errors.ts';
import { MAX_LINES } from '../../shapes/invoice.ts';
import { type Draft, draftsOf, type Line, linesOf, type Taxes } from '../invoices/rules.ts';
import type { Decision, NewLine } from './schema.ts';

/** A line as the estimate has it, with the last word on it. */
export type StoredLine = Line & {
  id: string;
  service_id: string | null;
  since_version: number;
  decision: Decision | null;
} & Share;

/** A package as it was asked for, and into how many lines it was taken apart. */
type Package = { id: string; service_id: string; quantity: number; price_cents: number; lines: number };

/** What a line is of its service, and of a package: "2 × Filter", once, at one price, is two pieces. */
export type Share = { pieces: number; part_of: Package | null };

/** What a service of the catalog consists of, when it is a package. */
export type Item = Pick<Draft, 'kind' | 'name' | 'quantity'> & { service_id: string; price_cents: number };
export type Catalog = ReadonlyMap<string, readonly Item[]>;

/** A line before it is reckoned. */
export type Wanted = Draft & Partial<Share> & { id?: string; service_id: string | null };

/** The lines that are asked for, packages taken apart. Throws 422 for what is not in the catalog. */
export const wantedOf = (
  given: readonly NewLine[],
  { catalog, newId }: { catalog: Catalog; newId: () => string },
): Wanted[] => {
  const wanted = given.flatMap(({ service_id = null, ...line }, at) => {
    const items = service_id === null ? [] : catalog.get(service_id);
    if (items === undefined) throw invalid(`lines.${at}.service_id`, 'is not a service of the catalog');
    if (service_id === null || line.kind !== 'package' || items.length === 0)
      return [{ ...line, service_id }];
    assertWhole(line, at);
    return takenApart({ ...line, service_id }, { items, id: newId() });
  });
  if (wanted.length > MAX_LINES) throw invalid('lines', `must come to at most ${MAX_LINES} lines`);
  return wanted;
};

/** What its items would do with them is nobody's guess. */
const assertWhole = (line: Omit<NewLine, 'service_id'>, at: number): void => {
  const own = (['id', 'discount_cents', 'tax_basis_points'] as const).find(
    (name) => line[name] !== undefined,
  );
  if (own !== undefined) throw invalid(`lines.${at}.${own}`, 'is not for a package, which is taken apart');
};

const takenApart = (
  { kind, name, quantity, unit_price_cents: price_cents, service_id }: NewLine & { service_id: string },
  { items, id }: { items: readonly Item[]; id: string },
): Wanted[] =>
  draftsOf([{ kind, name, quantity, price_cents, items }]).map((draft, at) => ({
    ...{ ...draft, service_id: items[at]?.service_id ?? null },
    pieces: (items[at]?.quantity ?? 1) * quantity,
    part_of: { id, service_id, quantity, price_cents, lines: items.length },
  }));

/** Throws 422 for an id that is none of the lines, or is there twice. */
export const assertNamed = (given: readonly NewLine[], known: readonly Pick<StoredLine, 'id'>[]): void => {
  const ids = new Set(known.map((line) => line.id));
  for (const [at, { id }] of given.entries()) {
    // Taken out, so that a second one with it is refused too.
    if (id !== undefined && !ids.delete(id))
      throw invalid(`lines.${at}.id`, 'is not a line of this estimate, or is twice here');
  }
};

type Terms = {
  taxes: Taxes;
  discountCents: number | undefined;
  known: readonly StoredLine[];
  /** Of the estimate, which these lines will make. */
  version: number;
  /** Nothing that was said holds for it: it is about another vehicle. */
  isAnew?: boolean;
  newId: () => string;
};

/** Reckoned as an invoice's lines are. A line that stays as it was keeps what was said to it. */
export const reckonedOf = (wanted: readonly Wanted[], terms: Terms): StoredLine[] => {
  const { taxes, discountCents, known, version, isAnew = false, newId } = terms;
  const before = new Map(known.map((line) => [line.id, line]));
  return linesOf(wanted, { taxes, discountCents }).map((line, at) => {
    const { id = newId(), service_id = null, pieces = 1, part_of = null } = wanted[at] ?? {};
    const was = before.get(id);
    const isKept = !isAnew && was !== undefined && isSame(was, line);
    const isSameWork = was?.service_id === service_id && was.name === line.name;
    return {
      ...{ ...line, id, service_id },
      ...{ pieces: isSameWork ? was.pieces : pieces },
      ...{ part_of: isSameWork && was.quantity === line.quantity ? was.part_of : part_of },
      ...{ since_version: isKept ? was.since_version : version, decision: isKept ? was.decision : null },
    };
  });
};

const isSame = (one: Line, other: Line): boolean =>
  (['kind', 'name', 'quantity', 'unit_price_cents', 'discount_cents', 'tax_basis_points'] as const).every(
    (field) => one[field] === other[field],
  );
