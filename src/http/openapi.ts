import type { Hono } from 'hono';
import { ACCESS, ROLES, TICKETED } from '../access.ts';
import { type Contract, contractOf } from './accept.ts';
import type { Env } from './context.ts';
import { EXAMPLE_IDS } from './example-shop.ts';
import { definitionOf, type Json, jsonSchemaOf, type Named } from './json-schema.ts';
import { COMPONENTS, hasETag, responsesOf, STATUS_OF_REASONS } from './openapi-answers.ts';
import { isOnOneThing, nounOf, type Route } from './openapi-reasons.ts';
import { sharedResponses } from './openapi-shared.ts';
import { shownPath } from './paths.ts';

type About = { title: string; version: string; named: Named };

const DESCRIPTION = `Every JSON answer is \`{"ok", "data", "error", "correlation_id"}\`. A refusal carries \`error.reason\`,
one of the closed list under \`x-reasons\`, and \`error.message\`, a sentence that says what to do next. Log in with
\`POST /v1/auth/login\` and send \`Authorization: Bearer <access_token>\`.

A path that is not listed here answers 404 \`request.path_unknown\`; a method that its path does not have answers 405
\`request.method_not_allowed\`, with \`Allow\`.`;

/** The OpenAPI 3.1 document of every route that \`accept\` was told about. */
export const openApiOf = (app: Hono<Env>, { title, version, named }: About): Json => {
  const shared = sharedResponses();
  const paths: Record<string, Json> = {};
  for (const route of routesOf(app)) {
    const path = pathOf(route.path);
    const responses = shared.inPlaceOf(responsesOf(route, named));
    const operation = { ...operationOf(route, named), responses };
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.1',
    info: {
      title,
      version,
      description: DESCRIPTION,
      license: { name: 'Proprietary', identifier: 'LicenseRef-shop' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    'x-reasons': STATUS_OF_REASONS,
    paths,
    components: {
      ...COMPONENTS,
      responses: shared.responses,
      schemas: {
        ...COMPONENTS.schemas,
        ...Object.fromEntries(Object.keys(named).map((name) => [name, definitionOf(name, named)])),
      },
    },
  };
};

export const routesOf = (app: Hono<Env>): Route[] =>
  app.routes.flatMap(({ method, path, handler }) => {
    const contract = contractOf(handler);
    return contract === undefined ? [] : [{ method, path: shownPath(path), contract }];
  });

/** /v1/customers/:id → /v1/customers/{id} */
const pathOf = (path: string): string => path.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}');

const tagOf = ({ path }: Route): string => path.replace(/^\/v1/, '').split('/')[1] ?? '';

const operationOf = (route: Route, named: Named): Json => {
  const { method, path, contract } = route;
  const access = ACCESS[`${method} ${path}`];
  const roles = access === 'open' || access === undefined ? [] : access;
  return {
    operationId: operationIdOf(route),
    summary: contract.summary,
    description: access === 'open' ? 'Open to strangers.' : `For the roles ${roles.join(', ')}.`,
    tags: [tagOf(route)],
    ...(access === 'open' ? { security: [] } : {}),
    ...(TICKETED.includes(`${method} ${path}`) ? { security: [{ bearer: [] }, { ticket: [] }] } : {}),
    'x-roles': access === 'open' ? 'open' : ROLES.filter((role) => roles.includes(role)),
    parameters: [...pathParameters(route), ...queryParameters(contract, named), ...headerParameters(route)],
    ...requestBody(contract, named),
  };
};

// A page may be called as a resource is: /board shows what /v1/board tells.
const operationIdOf = ({ method, path, contract }: Route): string =>
  `${method.toLowerCase()}${pathOf(path)
    .replace(/^\/v1/, '')
    .split(/[/.]/)
    .map((part) => part.replace(/^\{(\w+)\}$/, 'By-$1'))
    .flatMap((part) => part.split('-'))
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')}${contract.answers === 'text/html' ? 'Page' : ''}`;

const pathParameters = (route: Route): Json[] =>
  [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...pathSchema(route, name),
  }));

const pathSchema = (route: Route, name: string): Json => {
  const schema = route.contract.parameters?.[name];
  if (schema !== undefined) return { schema };
  return { schema: { type: 'string', format: 'uuid' }, example: exampleId(route, name) };
};

const exampleId = (route: Route, name: string): string => {
  const ids: Readonly<Record<string, string>> = EXAMPLE_IDS;
  return ids[name === 'id' ? nounOf(route.path) : nounOfParameter(name)] ?? EXAMPLE_IDS.appointment;
};

/** timeOffId → time_off */
const nounOfParameter = (name: string): string =>
  name.replace(/Id$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const queryParameters = ({ query }: Contract, named: Named): Json[] => {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchemaOf(query, named) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
    ...(required.includes(name) ? queryExample(name) : {}),
    // Several values stand in one parameter, with commas between them.
    ...(schema.type === 'array' ? { style: 'form', explode: false } : {}),
  }));
};

/** Of the ids: the other forms have examples of their own. */
const queryExample = (name: string): { example?: string } => {
  const ids: Readonly<Record<string, string>> = EXAMPLE_IDS;
  const example = ids[name.replace(/_id$/, '')];
  return example === undefined ? {} : { example };
};

const headerParameters = (route: Route): Json[] => {
  const { method, contract } = route;
  const names = ['CorrelationId'];
  if (hasETag(route)) names.push('IfNoneMatch');
  if (method !== 'GET' && contract.isUnkept !== true)
    names.push(contract.isKeyDemanded === true ? 'NeededIdempotencyKey' : 'IdempotencyKey', 'DryRun');
  if (method !== 'GET' && isOnOneThing(route)) names.push('IfMatch');
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
};

const requestBody = ({ body, example }: Contract, named: Named): Json => {
  if (body === undefined) return {};
  const media = { schema: jsonSchemaOf(body, named), ...(example === undefined ? {} : { example }) };
  return { requestBody: { required: true, content: { 'application/json': media } } };
};
