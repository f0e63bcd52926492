import * as v from 'valibot';

export const id = () => v.pipe(v.string(NOT_AN_ID), v.uuid(NOT_AN_ID), v.toLowerCase());

export const isId = (text: string): boolean => v.is(ANY_ID, text);

/** UUIDv7: the newest ids sort last, so that primary keys grow at one end of their index. */
export const newId = (): string => Bun.randomUUIDv7();

const NOT_AN_ID = 'must be an id, for example 01a20bd7-9f55-7017-915d-6baafcf0605d';
const ANY_ID = id();
