import { getPath } from 'hono/utils/url';

const DOCUMENT = /^(\/v1\/[^/]+\/[^/]+)\.(pdf|html)$/;

/**
 * The path by which a request finds its route. Hono's parameters end with their segment, so that /v1/invoices/:id.pdf
 * is /v1/invoices/:id/.pdf to it, a path that nobody else may ask for.
 */
export const routedPath = (request: Request): string => {
  const path = getPath(request);
  return path.includes('/.') ? '/' : path.replace(DOCUMENT, '$1/.$2');
};

/** The path of a route as clients know it: /v1/invoices/:id.pdf */
export const shownPath = (path: string): string => path.replace('/.', '.');
