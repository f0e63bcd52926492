import type { createApp } from '../../src/app.ts';

/** The document's form is what the tests look into. */
// biome-ignore lint/suspicious/noExplicitAny: a wrong guess fails the test
export type Document = any;

/** One operation of the document: `method` in capitals, `path` with {names}. */
export type Operation = { method: string; path: string; operation: Document };

export const documentOf = async (app: ReturnType<typeof createApp>): Promise<Document> =>
  (await app.request('/openapi.json')).json();

export const operationsOf = (document: Document): Operation[] =>
  Object.entries<Document>(document.paths).flatMap(([path, item]) =>
    Object.entries<Document>(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );

/** What a reference points at; anything else itself. */
export const resolved = (document: Document, one: Document): Document => {
  if (one?.$ref === undefined) return one;
  const [, , kind, name] = one.$ref.split('/');
  return document.components[kind][name];
};

/** An operation's parameters with the shared ones in their place. */
export const parametersOf = (document: Document, operation: Document): Document[] =>
  operation.parameters.map((one: Document) => resolved(document, one));

/** The reasons that an operation tells of, by status. */
export const reasonsOf = (document: Document, operation: Document): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries<Document>(operation.responses)
      .filter(([status]) => Number(status) >= 400)
      .map(([status, response]) => {
        const { properties } = resolved(document, response).content['application/json'].schema;
        return [status, properties.error.properties.reason.enum];
      }),
  );

/** A request as the document's examples have it: path, body, and the headers that it demands. */
export const exampleRequestOf = (
  document: Document,
  { path, operation }: Operation,
): { path: string; headers: Record<string, string>; body?: Document } => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
    const parameter = parametersOf(document, operation).find((one) => one.name === name);
    return parameter.example ?? (parameter.schema.examples ?? parameter.schema.enum)[0];
  });
  const query = parametersOf(document, operation)
    .filter((one) => one.in === 'query' && one.required)
    .map((one) => `${one.name}=${encodeURIComponent(one.example ?? one.schema.examples[0])}`);
  const address = query.length === 0 ? filled : `${filled}?${query.join('&')}`;
  const media = operation.requestBody?.content['application/json'];
  const headers = Object.fromEntries(
    parametersOf(document, operation)
      .filter((one) => one.in === 'header' && one.required)
      .map((one) => [one.name, one.example]),
  );
  return { path: address, headers, ...(media === undefined ? {} : { body: media.example }) };
};
