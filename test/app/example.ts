import type { Client, Data, TestApp } from '../helpers/app.ts';

/** A request that its route answers with 200 or 201; `headers` when it needs a login of its own. */
export type Example = { path: string; body?: Data; headers?: Record<string, string> };
export type World = { app: TestApp; owner: Client };
export type Make = (world: World) => Promise<Example> | Example;

/** Of a thing of a collection: what is asked for stands below it. */
export const at = async (
  collection: string,
  thing: Promise<Data>,
  { below = '', body }: { below?: string; body?: Data } = {},
): Promise<Example> => {
  const path = `${collection}/${(await thing).id}${below}`;
  return body === undefined ? { path } : { path, body };
};

export const deleted = async (owner: Client, collection: string, thing: Promise<Data>): Promise<Data> =>
  (await owner.delete(`${collection}/${(await thing).id}`)).data;
