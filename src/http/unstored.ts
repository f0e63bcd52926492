import type { MiddlewareHandler } from 'hono';

/** What is answered, or its address, is a secret: no cache keeps it. */
export const unstored: MiddlewareHandler = async (c, next) => {
  await next();
  c.res.headers.set('Cache-Control', 'no-store');
};
