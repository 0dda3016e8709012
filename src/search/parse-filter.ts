import type { ResourceType } from '../fhir/resource-type.ts';
import {
  allOf,
  anyOf,
  type DateBound,
  type Filter,
  type NumberBound,
  not,
  type ValueTest,
} from './filter.ts';
import {
  type FilterExpression,
  type FilterOperator,
  type FilterStep,
  parseFilterExpression,
} from './filter-expression.ts';
import { foldText } from './fold-text.ts';
import { chainTargets, paramOf, parseCriterion, UnknownParameter } from './parse-criterion.ts';
import { parseDateValue, parseNumberValue } from './parse-date.ts';
import { kindsOf, parseModified } from './parse-modifier.ts';
import { ValueFault } from './parse-value.ts';
import type { SearchParam, SearchParamType } from './search-params.ts';
import type { SearchContext } from './search-request.ts';
import { splitEscaped } from './split-escaped.ts';

/** The value of `_filter` as a filter on resources of the types (R4 search_filter.html). Throws a ValueFault. */
export function parseFilter(text: string, types: readonly ResourceType[], context: SearchContext): Filter {
  return compile(parseFilterExpression(text), types, context);
}

function compile(
  expression: FilterExpression,
  types: readonly ResourceType[],
  context: SearchContext,
): Filter {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return { kind: expression.kind, of: expression.of.map((part) => compile(part, types, context)) };
    case 'not':
      return not(compile(expression.of, types, context));
    case 'test':
      return compileTest(expression, types, context);
  }
}

type Test = FilterExpression & { kind: 'test' };

function compileTest(test: Test, types: readonly ResourceType[], context: SearchContext): Filter {
  const [step, ...rest] = test.path;
  if (!step) throw new Error('a path without a name');
  if (rest.length > 0) return compileChain(step, { ...test, path: rest }, types, context);
  if (step.where) throw new ValueFault(`has a filter behind "${step.name}" but nothing that it filters`);
  if (step.name === '_id' || step.name === '_lastUpdated') return compileOwn(step.name, test, types, context);
  return compare(paramOf(step.name, types, context), test, context);
}

/** `subject.name co "pet"`, `subject[gender eq male].name co "pet"`. */
function compileChain(
  { name, where }: FilterStep,
  rest: Test,
  types: readonly ResourceType[],
  context: SearchContext,
): Filter {
  const param = paramOf(name, types, context);
  if (param.type !== 'reference') {
    throw new ValueFault(`has "${name}", which is no reference: nothing can be chained to it`);
  }
  const next = rest.path[0]?.name ?? '';
  const targets = chainTargets(param, next, context);
  if (targets.length === 0) throw new UnknownParameter(`no type that ${name} refers to has "${next}"`);
  return anyOf(
    targets.map((type): Filter => {
      const conditions = where ? [compile(where, [type], context)] : [];
      const of = allOf([...conditions, compileTest(rest, [type], context)]);
      return { kind: 'chain', param: name, type, of };
    }),
  );
}

const prefixOperators: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);

/** Every resource has one id and one time. */
function compileOwn(
  name: '_id' | '_lastUpdated',
  { operator, value }: Test,
  types: readonly ResourceType[],
  context: SearchContext,
): Filter {
  const ask = (text: string) => parseCriterion(name, text, types, context);
  if (name === '_lastUpdated' && prefixOperators.has(operator)) return ask(operator + escaped(value));
  if (name === '_id' && operator === 'eq') return ask(escaped(value));
  if (name === '_id' && operator === 'ne') return not(ask(escaped(value)));
  throw new ValueFault(`compares ${name} by ${operator}, which it does not have`);
}

/** A comma in a value of _filter is a comma. */
function escaped(value: string): string {
  return value.replace(/[\\,]/g, '\\$&');
}

type Compare = (param: SearchParam, test: Test, context: SearchContext) => Filter;

const equals: Compare = (param, { value }, context) =>
  parseModified(param, undefined, escaped(value), context);
const prefixed: Compare = (param, { operator, value }, context) =>
  parseModified(param, undefined, operator + escaped(value), context);
const modified =
  (modifier: string): Compare =>
  (param, { value }, context) =>
    parseModified(param, modifier, escaped(value), context);
const matching =
  (match: (ValueTest & { kind: 'string' })['match']): Compare =>
  (param, { value }) => {
    const text = foldText(value);
    if (text === '') throw new ValueFault(`has "${value}", which has no letter or digit to search for`);
    return { kind: 'value', param: param.code, test: { kind: 'string', match, text } };
  };

/** An item in the set has an unequal value: of several codes or texts, none is equal. */
const differs =
  (equal: Compare): Compare =>
  (param, test, context) =>
    allOf([isPresent(param), not(equal(param, test, context))]);

const present: Compare = (param, { value }) => {
  if (value === 'true') return isPresent(param);
  if (value === 'false') return not(isPresent(param));
  throw new ValueFault(`has pr ${value}; expected pr true or pr false`);
};

function isPresent({ code, type }: SearchParam): Filter {
  return { kind: 'present', param: code, kinds: kindsOf[type] };
}

const differentDate: Compare = ({ code }, { value }) => {
  const { first, last } = requireDate(value);
  return anyDate(code, [{ end: 'first', is: '<', at: first }], [{ end: 'last', is: '>', at: last }]);
};

/** The periods have a moment in common. */
const overlaps: Compare = ({ code }, { value }) => {
  const { first, last } = requireDate(value);
  return anyDate(code, [
    { end: 'last', is: '>=', at: first },
    { end: 'first', is: '<=', at: last },
  ]);
};

function requireDate(value: string) {
  const asked = parseDateValue(value);
  if (asked) return asked;
  throw new ValueFault(`has "${value}", which is not a FHIR date or time`);
}

function anyDate(param: string, ...groups: readonly (readonly DateBound[])[]): Filter {
  return anyOf(groups.map((bounds): Filter => ({ kind: 'value', param, test: { kind: 'date', bounds } })));
}

const differentNumber: Compare = ({ code, type }, { value }) => {
  const [text = '', system, unitCode] = splitEscaped(value, '|');
  const asked = parseNumberValue(text);
  if (!asked || (type === 'number' && system !== undefined)) {
    throw new ValueFault(`has "${value}", which is not a ${type}`);
  }
  const unit = unitCode ? { code: unitCode, ...(system && { system }) } : undefined;
  const group = (bound: NumberBound): Filter => ({
    kind: 'value',
    param: code,
    test: { kind: 'quantity', bounds: [bound], ...(unit && { unit }) },
  });
  return anyOf([
    group({ end: 'low', is: '<', value: asked.low }),
    group({ end: 'high', is: '>=', value: asked.high }),
  ]);
};

const ranges = { gt: prefixed, lt: prefixed, ge: prefixed, le: prefixed, sa: prefixed, eb: prefixed };

/** What each operator means for each type of parameter. */
const comparisons: Readonly<Record<SearchParamType, Partial<Record<FilterOperator, Compare>>>> = {
  token: {
    ...{ eq: equals, ne: differs(equals), pr: present, in: modified('in') },
    // The value subsumes a concept in the set: the concept is the value, or below it.
    ...{ ss: modified('below'), sb: modified('above') },
  },
  string: {
    ...{ eq: matching('whole'), ne: differs(matching('whole')), pr: present },
    ...{ co: matching('substring'), sw: matching('prefix'), ew: matching('suffix') },
  },
  reference: { eq: equals, re: equals, ne: differs(equals), pr: present },
  date: { ...ranges, eq: prefixed, ne: differentDate, ap: prefixed, po: overlaps, pr: present },
  number: { ...ranges, eq: prefixed, ne: differentNumber, ap: prefixed, pr: present },
  quantity: { ...ranges, eq: prefixed, ne: differentNumber, ap: prefixed, pr: present },
  uri: {
    ...{ eq: equals, ne: differs(equals), pr: present },
    ...{ ss: modified('below'), sb: modified('above') },
  },
  composite: { eq: equals, ne: differs(equals), pr: present },
  special: {},
};

function compare(param: SearchParam, test: Test, context: SearchContext): Filter {
  const known = comparisons[param.type];
  const comparison = param.expression === '' ? undefined : known[test.operator];
  if (comparison) return comparison(param, test, context);
  const names = Object.keys(known).join(', ') || 'none';
  throw new ValueFault(
    `compares ${param.code} by ${test.operator}; a ${param.type} parameter has ${names} here`,
  );
}
