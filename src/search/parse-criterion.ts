import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { parseResourceId } from '../values/resource-id.ts';
import { anyOf, type Filter, type InstantBound, not } from './filter.ts';
import { parseNear } from './near.ts';
import { dateBounds, parseDateValue, splitPrefix } from './parse-date.ts';
import { parseModified, referenceFilter } from './parse-modifier.ts';
import { ValueFault } from './parse-value.ts';
import { parseWords } from './parse-words.ts';
import type { SearchParam } from './search-params.ts';
import type { SearchContext } from './search-request.ts';
import { splitValues } from './split-values.ts';
import { isWordParam } from './words.ts';

/** No parameter of that name: strict handling refuses it, lenient handling passes over it. */
export class UnknownParameter extends Error {}

/** So many steps a chain may have: `a.b.c` has two. */
const maxSteps = 8;

/** One name and value of a query that select resources, as a filter on resources of the types. */
export function parseCriterion(
  name: string,
  value: string,
  types: readonly ResourceType[],
  context: SearchContext,
  steps = 0,
): Filter {
  if (steps > maxSteps) throw new ValueFault(`has more than ${maxSteps} steps`);
  if (name.startsWith('_has:')) return parseHas(name, value, types, context, steps);
  const dot = name.indexOf('.');
  const head = dot < 0 ? name : name.slice(0, dot);
  const [code = '', modifier, ...more] = head.split(':');
  if (more.length > 0) throw new ValueFault(`${head} has more than one modifier`);
  if (dot >= 0)
    return parseChain({ code, modifier, rest: name.slice(dot + 1) }, value, types, context, steps);
  if (code === '_id') return parseIds(modifier, value);
  if (code === '_lastUpdated') return parseLastUpdated(modifier, value, context);
  if (code === '_list') return parseList(modifier, value);
  return parseOfParam(paramOf(code, types, context), modifier, value, context);
}

function parseOfParam(
  param: SearchParam,
  modifier: string | undefined,
  value: string,
  context: SearchContext,
): Filter {
  if (isWordParam(param.code)) {
    refuseModifier(param.code, modifier);
    return parseWords(param.code, value);
  }
  if (param.type === 'special' && modifier !== 'missing')
    return parseNearIds(param, modifier, value, context);
  if (param.type === 'reference' && modifier !== undefined && isResourceType(modifier)) {
    return referenceFilter(param.code, [modifier], splitValues(value), context);
  }
  return parseModified(param, modifier, value, context);
}

/** The parameter as the types have it; of several types each must have it, of one kind. */
export function paramOf(code: string, types: readonly ResourceType[], context: SearchContext): SearchParam {
  const params = types.map((type) => context.params.get(type)?.get(code));
  const [first] = params;
  // By word where it is by word of some: the others have no such values.
  if (first && params.every((param) => param?.type === first.type))
    return params.find((param) => param?.isByWord) ?? first;
  if (isWordParam(code)) throw new UnknownParameter('this server keeps no index of words (JENNER_FULL_TEXT)');
  const where = types.length === 1 ? types[0] : 'all of the types searched';
  throw new UnknownParameter(`${where} has no search parameter "${code}"`);
}

function refuseModifier(code: string, modifier: string | undefined): void {
  if (modifier !== undefined) throw new ValueFault(`${code} has no modifier :${modifier}`);
}

function parseIds(modifier: string | undefined, value: string): Filter {
  refuseModifier('_id', modifier);
  return { kind: 'id', anyOf: splitValues(value) };
}

/** Which places are in the area the store is asked beforehand: a circle is no filter that an index knows. */
function parseNearIds(
  { code }: SearchParam,
  modifier: string | undefined,
  value: string,
  { near }: SearchContext,
): Filter {
  refuseModifier(code, modifier);
  if (code !== 'near' || !near) throw new ValueFault('is a special parameter, which cannot be searched by');
  const ids = splitValues(value).flatMap((text) => near(parseNear(text)));
  return { kind: 'id', anyOf: [...new Set(ids)] };
}

/** R4 search.html#list: what the items of the list refer to. */
function parseList(modifier: string | undefined, value: string): Filter {
  refuseModifier('_list', modifier);
  return { kind: 'has', type: 'List', param: 'item', of: { kind: 'id', anyOf: parseListIds(value) } };
}

/** The lists that `_list` names. */
export function parseListIds(value: string): readonly string[] {
  return splitValues(value).map((text) => {
    if (text.startsWith('$')) {
      throw new ValueFault(`is "${text}"; this server keeps no functional lists, name a List by its id`);
    }
    const id = text.startsWith('List/') ? text.slice('List/'.length) : text;
    if (parseResourceId(id) === undefined)
      throw new ValueFault(`is "${text}", which is not the id of a List`);
    return id;
  });
}

function parseLastUpdated(modifier: string | undefined, value: string, context: SearchContext): Filter {
  refuseModifier('_lastUpdated', modifier);
  return anyOf(splitValues(value).map((text) => lastUpdatedFilter(text, context)));
}

/** A time of one millisecond is either within what is asked, or before, or after it. */
function lastUpdatedFilter(text: string, { now }: SearchContext): Filter {
  const { prefix, rest } = splitPrefix(text);
  const asked = parseDateValue(rest);
  if (!asked) throw new ValueFault(`"${text}" is not a FHIR date or time`);
  const { first, last } = asked;
  const is = (...bounds: readonly InstantBound[]): Filter => ({ kind: 'lastUpdated', bounds });
  switch (prefix) {
    case 'eq':
      return is({ is: '>=', at: first }, { is: '<=', at: last });
    case 'ne':
      return not(is({ is: '>=', at: first }, { is: '<=', at: last }));
    case 'gt':
    case 'sa':
      return is({ is: '>', at: last });
    case 'lt':
    case 'eb':
      return is({ is: '<', at: first });
    case 'ge':
      return is({ is: '>=', at: first });
    case 'le':
      return is({ is: '<=', at: last });
    case 'ap': {
      const [group = []] = dateBounds('ap', asked, now).anyOf;
      return is(...group.map((bound) => ({ is: bound.is, at: bound.at })));
    }
  }
}

type Chain = { readonly code: string; readonly modifier: string | undefined; readonly rest: string };

/** `patient.family=…`, `subject:Patient.family=…` (R4 search.html#chaining). */
function parseChain(
  { code, modifier, rest }: Chain,
  value: string,
  types: readonly ResourceType[],
  context: SearchContext,
  steps: number,
): Filter {
  const param = paramOf(code, types, context);
  if (param.type !== 'reference')
    throw new ValueFault(`${code} is no reference: nothing can be chained to it`);
  const targets = modifier === undefined ? chainTargets(param, rest, context) : [requireType(modifier)];
  if (targets.length === 0) throw new UnknownParameter(`no type that ${code} refers to has "${rest}"`);
  return anyOf(
    targets.map(
      (type): Filter => ({
        kind: 'chain',
        param: code,
        type,
        of: parseCriterion(rest, value, [type], context, steps + 1),
      }),
    ),
  );
}

/** What every type has without a definition of its own. */
const commonNames: ReadonlySet<string> = new Set(['_id', '_lastUpdated', '_has', '_list']);

/** Of the types that the parameter may refer to, those that have the next parameter. */
export function chainTargets(
  param: SearchParam,
  rest: string,
  context: SearchContext,
): readonly ResourceType[] {
  const next = rest.split(/[.:]/, 1)[0] ?? '';
  const possible = param.target.length > 0 ? param.target.filter(isResourceType) : [...context.params.keys()];
  const common = commonNames.has(next);
  return possible.filter((type) => common || context.params.get(type)?.has(next));
}

function requireType(name: string): ResourceType {
  if (isResourceType(name)) return name;
  throw new ValueFault(`"${name}" is not a resource type that this server keeps`);
}

/** `_has:Type:reference:parameter=…` (R4 search.html#has); the parameter may be a chain or another _has. */
function parseHas(
  name: string,
  value: string,
  types: readonly ResourceType[],
  context: SearchContext,
  steps: number,
): Filter {
  const match = /^_has:([A-Za-z]+):([A-Za-z_-]+):(.+)$/.exec(name);
  const [, typeName = '', code = '', rest = ''] = match ?? [];
  if (!match) throw new ValueFault(`${name} must have the form _has:Type:reference:parameter`);
  const type = requireType(typeName);
  const param = context.params.get(type)?.get(code);
  if (param?.type !== 'reference') throw new ValueFault(`${type} has no reference parameter "${code}"`);
  const reaches = param.target.length === 0 || types.some((each) => param.target.includes(each));
  if (!reaches) throw new ValueFault(`${type}.${code} does not refer to ${types.join(', ')}`);
  return { kind: 'has', type, param: code, of: parseCriterion(rest, value, [type], context, steps + 1) };
}
