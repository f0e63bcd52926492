import type { Json } from './json-schema.ts';

/** What is no success is told alike by many routes: it is written once, and referred to. */
export const sharedResponses = () => {
  const responses: Json = {};
  const refs = new Map<string, Json>();
  const refTo = (status: string, response: unknown): Json => {
    const text = JSON.stringify(response);
    const known = refs.get(text);
    if (known !== undefined) return known;
    // By what it says: so another route does not give every one another name.
    const name = `answer-${status}-${Bun.hash(text).toString(36)}`;
    responses[name] = response;
    const ref = { $ref: `#/components/responses/${name}` };
    refs.set(text, ref);
    return ref;
  };
  const inPlaceOf = (own: Json): Json =>
    Object.fromEntries(
      Object.entries(own).map(([status, response]) => [
        status,
        Number(status) < 300 ? response : refTo(status, response),
      ]),
    );
  return { responses, inPlaceOf };
};
