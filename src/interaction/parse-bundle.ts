import type { JsonObject } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import { isResource } from './parse-body.ts';
import type { ParameterList } from './parse-query.ts';
import { parseIfNoneExist, parseQuery } from './parse-query.ts';

/** Documented in docs/limits.md; a larger Bundle should be imported. */
const maxEntries = 5000;

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type BundleMethod = (typeof methods)[number];

/** `Bundle.entry` of a batch or transaction. */
export type RequestEntry = {
  /** Place in the Bundle; the answer has the same. */
  readonly index: number;
  readonly method: BundleMethod;
  readonly url: RequestUrl;
  readonly fullUrl?: string;
  readonly resource?: Resource;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifNoneExist?: ParameterList;
};

/** `request.url`, relative to the base, cut into what the interactions ask for. */
export type RequestUrl = {
  readonly type?: ResourceType;
  readonly id?: ResourceId;
  /** What follows type and id: `_history`, `_history/3`, `_search`, `$everything`. */
  readonly rest: readonly string[];
  readonly query: ParameterList;
};

export function parseEntries(bundle: Resource, baseUrl: string): readonly RequestEntry[] {
  return entriesOf(bundle).map((entry, index) => atEntry(index, () => parseEntry(entry, index, baseUrl)));
}

export function entriesOf(bundle: Resource): readonly unknown[] {
  const entries = bundle['entry'] ?? [];
  if (!Array.isArray(entries)) {
    throw new Problem('invalid-content', 'Bundle.entry must be an array', { expression: 'Bundle.entry' });
  }
  if (entries.length > maxEntries) {
    const text = `The Bundle has ${entries.length} entries; at most ${maxEntries} are taken in one`;
    throw new Problem('too-large', text, { expression: 'Bundle.entry' });
  }
  return entries;
}

/** Adds the place in the Bundle to a Problem that `work` throws. */
export function atEntry<Result>(index: number, work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw placed(thrown, index);
  }
}

export async function atEntryAsync<Result>(index: number, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw placed(thrown, index);
  }
}

function placed(thrown: unknown, index: number): unknown {
  if (!(thrown instanceof Problem)) return thrown;
  const entry = `Bundle.entry[${index}]`;
  const issues = thrown.issues.map((issue) => {
    if (issue.expression?.startsWith('Bundle.')) return issue;
    const within = issue.expression?.replace(/^[A-Za-z]+/, '');
    return { ...issue, expression: within === undefined ? entry : `${entry}.resource${within}` };
  });
  return new Problem(thrown.kind, `${entry}: ${thrown.message}`, { cause: thrown, issues });
}

export function parseEntry(entry: unknown, index: number, baseUrl: string): RequestEntry {
  const { fullUrl, resource, request } = asObject(entry, 'An entry');
  const { method, url, ifMatch, ifNoneMatch, ifNoneExist } = asObject(request, 'request');
  const known = methods.find((name) => name === method);
  if (!known) {
    throw new Problem(
      'invalid-content',
      `request.method must be one of ${methods.join(', ')}, not ${show(method)}`,
    );
  }
  if (typeof url !== 'string') throw new Problem('invalid-content', 'request.url is missing');
  const parsedUrl = parseRequestUrl(url, baseUrl);
  const needsResource = known === 'POST' || known === 'PUT' || known === 'PATCH';
  if (needsResource && !isResource(resource) && operationOf({ url: parsedUrl }) === undefined) {
    throw new Problem('invalid-content', `A ${known} needs a resource in its entry`);
  }
  const { type } = parsedUrl;
  return {
    index,
    method: known,
    url: parsedUrl,
    ...(typeof fullUrl === 'string' && { fullUrl }),
    ...(isResource(resource) && { resource }),
    ...(typeof ifMatch === 'string' && { ifMatch }),
    ...(typeof ifNoneMatch === 'string' && { ifNoneMatch }),
    ...(type && typeof ifNoneExist === 'string' && { ifNoneExist: parseIfNoneExist(ifNoneExist, type) }),
  };
}

/** The code of the operation that a URL names, if it names one. */
export function operationOf({ url }: Pick<RequestEntry, 'url'>): string | undefined {
  const [first] = url.rest;
  return first?.startsWith('$') ? first.slice(1) : undefined;
}

function asObject(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new Problem('invalid-content', `${what} must be an object`);
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value).slice(0, 80);
}

function parseRequestUrl(url: string, baseUrl: string): RequestUrl {
  const relative = url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url;
  const [path = '', ...queryParts] = relative.replace(/^\//, '').split('?');
  const query = parseQuery(queryParts.join('?'));
  const [first = '', second = '', ...others] = path.split('/');
  if (first === '' || first.startsWith('_') || first.startsWith('$')) {
    return { rest: path === '' ? [] : path.split('/'), query };
  }
  if (!isResourceType(first)) {
    throw new Problem('unknown-type', `request.url "${url}" names no resource type that this server keeps`);
  }
  if (second === '' || second.startsWith('_') || second.startsWith('$')) {
    return { type: first, rest: second === '' ? [] : [second, ...others], query };
  }
  const id = parseResourceId(second);
  if (id === undefined) throw new Problem('invalid-content', `request.url "${url}" has no valid id`);
  return { type: first, id, rest: others, query };
}
