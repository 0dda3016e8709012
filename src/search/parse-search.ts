import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import type { Mutable } from '../values/mutable.ts';
import { allOf, type Filter } from './filter.ts';
import { filterCost, maxCost } from './filter-cost.ts';
import { parseCriterion, UnknownParameter } from './parse-criterion.ts';
import { parseFilter } from './parse-filter.ts';
import { parseInclude } from './parse-include.ts';
import { parseSort } from './parse-sort.ts';
import { ValueFault } from './parse-value.ts';
import type {
  Include,
  ParsedSearch,
  SearchContext,
  SearchProblem,
  SearchRequest,
  Summary,
} from './search-request.ts';

/** More than anybody needs, few enough for any store. */
const maxParameters = 100;
const maxElements = 200;
const maxIncludes = 30;

/** A query string, decoded into names and values, as a search (R4 search.html). All that is wrong is told at once. */
export function parseSearch(
  pairs: readonly (readonly [name: string, value: string])[],
  context: SearchContext,
): ParsedSearch {
  if (pairs.length > maxParameters) {
    const message = `A search may have ${maxParameters} parameters; this one has ${pairs.length}.`;
    return { kind: 'refused', problems: [{ message, parameter: pairs[0]?.[0] ?? '' }] };
  }
  const reading: Reading = { problems: [], warnings: [], used: [], filters: [] };
  const request: Mutable<SearchRequest> = {
    ...emptyRequest,
    types: typesOf(pairs, context),
    count: context.defaultCount,
  };
  for (const pair of pairs) readPair(pair, request, reading, context);
  const { problems, warnings, used, filters } = reading;
  if (problems.length > 0) return { kind: 'refused', problems };
  request.filter = allOf(filters);
  const cost = filterCost(request.filter);
  if (cost > maxCost) {
    const message = `The search compares with too many values (${cost} of ${maxCost}: a code counts 1, a date, text or number 20).`;
    return { kind: 'refused', problems: [{ message, parameter: dearest(used) }] };
  }
  request.warnings = warnings;
  request.used = used;
  return { kind: 'search', request };
}

/** The parameter that says most. */
function dearest(used: Reading['used']): string {
  const byLength = [...used].sort(([, a], [, b]) => b.length - a.length);
  return byLength[0]?.[0] ?? '';
}

type Reading = {
  readonly problems: SearchProblem[];
  readonly warnings: SearchProblem[];
  readonly used: (readonly [name: string, value: string])[];
  readonly filters: Filter[];
};

function readPair(
  [name, value]: readonly [name: string, value: string],
  request: Mutable<SearchRequest>,
  { problems, warnings, used, filters }: Reading,
  context: SearchContext,
): void {
  try {
    const filter = parsePair(name, value, request, context);
    if (filter) filters.push(filter);
    used.push([name, value]);
  } catch (thrown) {
    const problem = { message: messageOf(thrown, name), parameter: name };
    if (thrown instanceof UnknownParameter && context.lenient) warnings.push(problem);
    else problems.push(problem);
  }
}

const emptyRequest: SearchRequest = {
  types: [],
  filter: { kind: 'and', of: [] },
  sort: [],
  count: 0,
  total: 'none',
  summary: 'false',
  elements: [],
  includes: [],
  revincludes: [],
  warnings: [],
  used: [],
};

function messageOf(thrown: unknown, name: string): string {
  if (thrown instanceof UnknownParameter) return `${name}: ${thrown.message}.`;
  if (thrown instanceof ValueFault) return `${name} ${thrown.message}.`;
  throw thrown;
}

/** `_type` of a system search is needed before the parameters that depend on the types. */
function typesOf(
  pairs: readonly (readonly [name: string, value: string])[],
  { types }: SearchContext,
): readonly ResourceType[] {
  const asked = pairs.filter(([name]) => name === '_type').flatMap(([, value]) => value.split(','));
  return asked.length === 0 ? types : types.filter((type) => asked.includes(type));
}

/** A criterion is answered as a filter; what shapes the result goes into the request. */
function parsePair(
  name: string,
  value: string,
  request: Mutable<SearchRequest>,
  context: SearchContext,
): Filter | undefined {
  if (name === '_filter') return parseFilter(value, request.types, context);
  const shape = resultParameters.get(name.split(':', 1)[0] ?? '');
  if (!shape) return parseCriterion(name, value, request.types, context);
  shape(value, request, context, name);
  return undefined;
}

type Shape = (value: string, request: Mutable<SearchRequest>, context: SearchContext, name: string) => void;

const summaries: readonly Summary[] = ['true', 'text', 'data', 'count', 'false'];
const totals = ['none', 'estimate', 'accurate'] as const;

/** R4 search.html#return: the parameters that say what of the matches is answered, and how. */
const resultParameters: ReadonlyMap<string, Shape> = new Map(
  Object.entries<Shape>({
    _count: (value, request, { maxCount }) => {
      if (!/^\d{1,9}$/.test(value)) throw new ValueFault(`is "${value}", which is not a whole number`);
      request.count = Math.min(Number(value), maxCount);
    },
    _sort: (value, request, context) => {
      request.sort = parseSort(value, request.types, context);
    },
    _cursor: (value, request) => {
      request.after = value;
    },
    _total: (value, request) => {
      request.total = oneOf(totals, value);
    },
    _summary: (value, request) => {
      request.summary = oneOf(summaries, value);
    },
    _elements: (value, request) => {
      request.elements = value.split(',').map((element) => element.trim());
      if (request.elements.includes('')) throw new ValueFault('has an empty value');
      if (request.elements.length > maxElements)
        throw new ValueFault(`names more than ${maxElements} elements`);
    },
    _include: (value, request, context, name) => {
      request.includes = withInclude(request.includes, parseInclude(name, value, context));
    },
    _revinclude: (value, request, context, name) => {
      request.revincludes = withInclude(request.revincludes, parseInclude(name, value, context));
    },
    _type: (value, _request, { types }) => {
      const wrong = value.split(',').find((name) => !isResourceType(name) || !types.includes(name));
      if (wrong !== undefined)
        throw new ValueFault(`is "${wrong}", which is not a resource type searched here`);
    },
    _contained: (value) => {
      if (oneOf(['false', 'true', 'both'], value) === 'false') return;
      throw new ValueFault(
        `is "${value}"; contained resources are not searched by themselves, only false is known`,
      );
    },
    // It says how contained matches are answered, and there are none.
    _containedType: (value) => void oneOf(['container', 'contained'], value),
    _query: (value) => {
      throw new ValueFault(`is "${value}"; this server has no named queries`);
    },
    _graph: () => {
      throw new ValueFault('is not known; this server follows _include and _revinclude, not graphs');
    },
    _format: () => undefined,
    _pretty: () => undefined,
  }),
);

/** What is asked for twice is followed once. */
function withInclude(includes: readonly Include[], include: Include): readonly Include[] {
  const name = JSON.stringify(include);
  if (includes.some((other) => JSON.stringify(other) === name)) return includes;
  if (includes.length >= maxIncludes) throw new ValueFault(`stands more than ${maxIncludes} times`);
  return [...includes, include];
}

function oneOf<Value extends string>(values: readonly Value[], text: string): Value {
  const found = values.find((value) => value === text);
  if (found) return found;
  throw new ValueFault(`is "${text}", which is none of ${values.join(', ')}`);
}
