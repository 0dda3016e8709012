import type { RequestName } from './request-target.ts';

/** The methods that the table has; HEAD goes with GET, and OPTIONS with all. */
export const requestMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type RequestMethod = (typeof requestMethods)[number];

/** One method on one path below the FHIR base. A segment `:name` is any text, `$:name` any that begins with a `$`. */
export type RequestRow = {
  readonly method: RequestMethod;
  readonly path: string;
  readonly name: RequestName;
};

/**
 * What there is below the base (R4 http.html#3.1.0): rest makes its routes of it, and an entry of a Bundle is looked up
 * in it, from the first on: what is said of one segment stands before what is said of any.
 */
export const requestTable: readonly RequestRow[] = [
  { method: 'GET', path: '/metadata', name: 'capabilities' },
  { method: 'POST', path: '/', name: 'bundle' },
  { method: 'GET', path: '/', name: 'search-system' },
  { method: 'GET', path: '/_search', name: 'search-system' },
  { method: 'POST', path: '/_search', name: 'search-system' },
  { method: 'GET', path: '/_history', name: 'history-system' },
  ...operation('/$:operation'),
  { method: 'GET', path: '/:type', name: 'search-type' },
  { method: 'POST', path: '/:type', name: 'create' },
  { method: 'PUT', path: '/:type', name: 'conditional-update' },
  { method: 'PATCH', path: '/:type', name: 'conditional-patch' },
  { method: 'DELETE', path: '/:type', name: 'conditional-delete' },
  { method: 'GET', path: '/:type/_search', name: 'search-type' },
  { method: 'POST', path: '/:type/_search', name: 'search-type' },
  { method: 'GET', path: '/:type/_history', name: 'history-type' },
  ...operation('/:type/$:operation'),
  { method: 'GET', path: '/:type/:id', name: 'read' },
  { method: 'PUT', path: '/:type/:id', name: 'update' },
  { method: 'PATCH', path: '/:type/:id', name: 'patch' },
  { method: 'DELETE', path: '/:type/:id', name: 'delete' },
  { method: 'GET', path: '/:type/:id/_history', name: 'history-instance' },
  { method: 'GET', path: '/:type/:id/_history/:version', name: 'vread' },
  ...operation('/:type/:id/$:operation'),
  { method: 'GET', path: '/:type/:id/:inner', name: 'compartment' },
];

function operation(path: string): readonly RequestRow[] {
  return [
    { method: 'GET', path, name: 'operation' },
    { method: 'POST', path, name: 'operation' },
  ];
}

/** For the header Allow of a path that has these methods. */
export function allowOf(methods: readonly RequestMethod[]): string {
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}
