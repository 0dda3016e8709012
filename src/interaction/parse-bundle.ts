import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { matchRequest } from '../request/match-request.ts';
import type { RequestName, RequestTarget } from '../request/request-target.ts';
import { type EpochMs, parseMsRange } from '../values/instant.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { isResource } from './parse-body.ts';
import type { ParameterList } from './parse-query.ts';
import { parseIfNoneExist, parseQuery, withoutFormat } from './parse-query.ts';
import { requireModest } from './resource-bounds.ts';

/** Documented in docs/limits.md; a larger Bundle should be imported. */
const maxEntries = 5000;

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type BundleMethod = (typeof methods)[number];

/** `Bundle.entry` of a batch or transaction. */
export type RequestEntry = {
  /** Place in the Bundle; the answer has the same. */
  readonly index: number;
  readonly method: BundleMethod;
  /** What `request.method` and `request.url` ask for. */
  readonly target: RequestTarget;
  readonly url: RequestUrl;
  readonly fullUrl?: string;
  readonly resource?: Resource;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: EpochMs;
  readonly ifNoneExist?: ParameterList;
};

/** `request.url`, relative to the base. */
export type RequestUrl = {
  readonly type?: ResourceType;
  readonly id?: ResourceId;
  readonly path: string;
  /** Without what says how an answer is written, where something is written. */
  readonly query: ParameterList;
};

/** An entry of a transaction, which must be one that HTTP has. */
export function parseTransactionEntry(entry: unknown, index: number, baseUrl: string): RequestEntry {
  return atEntry(index, () => asContent(() => parseEntry(entry, index, baseUrl)));
}

/** The method of an entry is content: that of the request, to which 405 would be the answer, is right. */
function asContent<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.kind !== 'method-not-allowed') throw thrown;
    throw new Problem('not-supported', thrown.message, { cause: thrown });
  }
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
    const within = issue.expression?.replace(/^[A-Za-z]+/, '');
    return { ...issue, expression: within === undefined ? entry : `${entry}.resource${within}` };
  });
  return new Problem(thrown.kind, `${entry}: ${thrown.message}`, { cause: thrown, issues });
}

export function parseEntry(entry: unknown, index: number, baseUrl: string): RequestEntry {
  const { fullUrl, resource, request } = asObject(entry, 'An entry');
  const asked = asObject(request, 'request');
  const method = requireMethod(asked['method']);
  const { url, target } = parseRequestUrl(method, asked['url'], baseUrl);
  if (resourceNames.has(target.name) && !isResource(resource)) {
    throw new Problem('invalid-content', `A ${method} needs a resource in its entry`);
  }
  if (isResource(resource)) requireModest(resource);
  return {
    index,
    method,
    target,
    url,
    ...(typeof fullUrl === 'string' && { fullUrl }),
    ...(isResource(resource) && { resource }),
    ...conditionsOf(asked, url.type),
  };
}

function requireMethod(method: JsonValue | undefined): BundleMethod {
  const known = methods.find((name) => name === method);
  if (known) return known;
  const text = `request.method must be one of ${methods.join(', ')}, not ${show(method)}`;
  throw new Problem('invalid-content', text);
}

/** What cannot be done without a resource. */
const resourceNames: ReadonlySet<RequestName> = new Set([
  'create',
  'update',
  'patch',
  'conditional-update',
  'conditional-patch',
] as const);

function conditionsOf(request: JsonObject, type: ResourceType | undefined): Partial<RequestEntry> {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifNoneExist } = request;
  const since = typeof ifModifiedSince === 'string' ? parseMsRange(ifModifiedSince)?.last : undefined;
  return {
    ...(typeof ifMatch === 'string' && { ifMatch }),
    ...(typeof ifNoneMatch === 'string' && { ifNoneMatch }),
    ...(since !== undefined && { ifModifiedSince: since }),
    ...(type && typeof ifNoneExist === 'string' && { ifNoneExist: parseIfNoneExist(ifNoneExist, type) }),
  };
}

function asObject(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new Problem('invalid-content', `${what} must be an object`);
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value).slice(0, 80);
}

/** An id that none can be is content of the Bundle that is wrong, for a read too. */
function parseRequestUrl(
  method: BundleMethod,
  url: JsonValue | undefined,
  baseUrl: string,
): Pick<RequestEntry, 'url' | 'target'> {
  if (typeof url !== 'string') throw new Problem('invalid-content', 'request.url is missing');
  const [path = '', ...queryParts] = relativeTo(baseUrl, url).split('?');
  const query = parseQuery(queryParts.join('?'));
  const target = matchRequest(method, path, 'invalid-content');
  const reads = method === 'GET' || method === 'HEAD';
  return {
    target,
    url: {
      path,
      query: reads ? query : withoutFormat(query),
      ...('type' in target && target.type && { type: target.type }),
      ...('id' in target && target.id !== undefined && { id: target.id }),
    },
  };
}

function relativeTo(baseUrl: string, url: string): string {
  const rest = url.startsWith(baseUrl) ? url.slice(baseUrl.length) : undefined;
  return (rest !== undefined && /^(?:[/?]|$)/.test(rest) ? rest : url).replace(/^\//, '');
}
