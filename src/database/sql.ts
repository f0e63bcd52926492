declare const jsonBrand: unique symbol;
declare const partBrand: unique symbol;
declare const parameterBrand: unique symbol;

/** JSON text made by PostgreSQL (a `json` column), passed through to the answer untouched. */
export type Json = string & { readonly [jsonBrand]: true };

/** A piece of a statement, never sent by itself: ``sql.part`and name = ${name}` ``. */
export interface Part {
  readonly [partBrand]: true;
}

/** A value that is sent as JSON text to a `jsonb` or `json` parameter. */
export interface JsonParameter {
  readonly [parameterBrand]: true;
}

export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly string[]
  | readonly number[]
  | Part
  | JsonParameter;

/** A value that is asked for when the statement is sent, which may have stood in the line for a connection until then. */
export type Late = () => Exclude<Value, Part>;

/** A pool or a transaction: queries take it first and cannot tell which. A statement is sent when called. */
export interface Sql {
  <Row extends object>(text: TemplateStringsArray, ...values: readonly (Value | Late)[]): Promise<Row[]>;
  part(text: TemplateStringsArray, ...values: readonly Value[]): Part;
  json(value: unknown): JsonParameter;
}

export interface Transaction extends Sql {
  /** A failure of `work` rolls back to the savepoint and is thrown again. One savepoint at a time. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

export interface Database extends Sql {
  /** Begins, runs `work`, commits; any failure of `work` rolls back and is thrown again. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}
