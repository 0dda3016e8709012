import { anyOf, type Filter, not, nothing, type TokenPattern, type ValueTest } from './filter.ts';
import { cleanText, foldCode, foldText } from './fold-text.ts';
import type { ValueKind } from './index-values.ts';
import {
  foldedOrFault,
  parseReference,
  parseToken,
  parseUri,
  parseValue,
  parseWrittenToken,
  ValueFault,
} from './parse-value.ts';
import type { SearchParam, SearchParamType } from './search-params.ts';
import type { SearchContext } from './search-request.ts';
import { splitEscaped, unescapeValue } from './split-escaped.ts';
import { splitValues } from './split-values.ts';

const modifiersOf: Readonly<Record<SearchParamType, readonly string[]>> = {
  token: ['not', 'text', 'in', 'not-in', 'above', 'below', 'of-type', 'missing'],
  string: ['exact', 'contains', 'missing'],
  reference: ['identifier', 'below', 'missing'],
  uri: ['above', 'below', 'missing'],
  date: ['missing'],
  number: ['missing'],
  quantity: ['missing'],
  composite: ['missing'],
  special: ['missing'],
};

/** The kinds of values that show that the element is there. */
export const kindsOf: Readonly<Record<SearchParamType, readonly ValueKind[]>> = {
  token: ['token', 'present'],
  string: ['string', 'present'],
  reference: ['reference', 'uri', 'present'],
  uri: ['uri', 'present'],
  date: ['date', 'present'],
  number: ['quantity', 'present'],
  quantity: ['quantity', 'present'],
  composite: ['composite', 'present'],
  special: ['composite', 'present'],
};

/** The values of a parameter, joined by commas, with or without a modifier (R4 search.html#modifiers). */
export function parseModified(
  param: SearchParam,
  modifier: string | undefined,
  value: string,
  context: SearchContext,
): Filter {
  if (modifier !== undefined && !modifiersOf[param.type].includes(modifier)) {
    const known = modifiersOf[param.type].map((name) => `:${name}`).join(', ');
    throw new ValueFault(`has no modifier :${modifier}; a ${param.type} parameter has ${known || 'none'}`);
  }
  if (modifier === 'missing') return parseMissing(param, value);
  const values = splitValues(value);
  if (modifier === undefined) return parsePlain(param, values, context);
  const filters = values.map((each) => parseOne(param, modifier, each, context));
  // R4 search.html#modifiers: what has none of the codes, resources without any code among them.
  return modifier === 'not' || modifier === 'not-in' ? not(anyOf(filters)) : anyOf(filters);
}

function parseMissing(param: SearchParam, value: string): Filter {
  const present: Filter = { kind: 'present', param: param.code, kinds: kindsOf[param.type] };
  if (value === 'true') return not(present);
  if (value === 'false') return present;
  throw new ValueFault(`"${value}" is neither true nor false`);
}

/** Tokens are gathered into one test, and so are references: a store answers them by one look-up each. */
function parsePlain(param: SearchParam, values: readonly string[], context: SearchContext): Filter {
  if (param.type === 'token') return tokenFilter(param.code, values.map(parseToken));
  if (param.type === 'reference') return referenceFilter(param.code, param.target, values, context);
  return anyOf(values.map((value) => parseValue(param, value, context)));
}

export function referenceFilter(
  code: string,
  targets: readonly string[],
  values: readonly string[],
  { baseUrl }: SearchContext,
): Filter {
  const tests = values.flatMap((value) => parseReference(value, targets, baseUrl));
  const local = tests.flatMap((test) => (test.kind === 'reference' ? test.anyOf : []));
  const elsewhere = tests.filter((test) => test.kind !== 'reference');
  const all: readonly ValueTest[] =
    local.length > 0 ? [{ kind: 'reference', anyOf: local }, ...elsewhere] : elsewhere;
  return anyOf(all.map((test): Filter => ({ kind: 'value', param: code, test })));
}

function tokenFilter(code: string, patterns: readonly TokenPattern[]): Filter {
  return { kind: 'value', param: code, test: { kind: 'token', anyOf: patterns } };
}

function parseOne(param: SearchParam, modifier: string, text: string, context: SearchContext): Filter {
  const { code } = param;
  const test = (of: ValueTest, side = code): Filter => ({ kind: 'value', param: side, test: of });
  switch (modifier) {
    case 'not':
      return tokenFilter(code, [parseToken(text)]);
    case 'text':
      return test({ kind: 'text', prefix: foldedOrFault(text) }, `${code}:text`);
    case 'in':
    case 'not-in':
      return tokenFilter(code, expand(unescapeValue(text), context));
    case 'of-type':
      return tokenFilter(`${code}:of-type`, [parseOfType(text)]);
    case 'exact':
      return test({ kind: 'string', match: 'exact', text: cleanText(unescapeValue(text)) });
    case 'contains':
      return containing(test, foldText(unescapeValue(text)));
    case 'identifier':
      return tokenFilter(`${code}:identifier`, [parseToken(text)]);
    case 'below':
      return param.type === 'token'
        ? tokenFilter(code, subsumed('below', text, context))
        : test(parseUri(text, 'below'));
    case 'above':
      return param.type === 'token'
        ? tokenFilter(code, subsumed('above', text, context))
        : parseAbove(code, text);
    default:
      return anyOf(parseReference(text, [modifier], context.baseUrl).map((each) => test(each)));
  }
}

/** Punctuation alone is part of no folded text, rather than of every one. */
function containing(test: (of: ValueTest) => Filter, text: string): Filter {
  return text === '' ? nothing : test({ kind: 'string', match: 'substring', text });
}

/** As codes are indexed. */
function folded({ system, code }: TokenPattern): TokenPattern {
  return { ...(system !== undefined && { system }), ...(code !== undefined && { code: foldCode(code) }) };
}

function expand(valueSet: string, { expand: expansion }: SearchContext): readonly TokenPattern[] {
  const codes = expansion?.(valueSet);
  if (codes) return codes.map(folded);
  throw new ValueFault(`names the value set ${valueSet}, which this server cannot expand`);
}

function subsumed(
  direction: 'above' | 'below',
  text: string,
  { subsume }: SearchContext,
): readonly TokenPattern[] {
  const { system, code } = parseWrittenToken(text);
  const codes = code === undefined ? undefined : subsume?.(direction, system, code);
  if (codes) return codes.map(folded);
  throw new ValueFault(`asks for what is ${direction} "${text}", whose hierarchy this server does not know`);
}

/** `typeSystem|typeCode|value` (R4 search.html#token, Identifier). */
function parseOfType(text: string): TokenPattern {
  const [system, code, value, ...more] = splitEscaped(text, '|').map(unescapeValue);
  if (!system || !code || !value || more.length > 0) {
    throw new ValueFault(`"${text}" is not an identifier of a type: system|code|value`);
  }
  return { system, code: foldCode(`${code}|${value}`) };
}

/** The uri and every one above it, segment by segment. */
function parseAbove(code: string, text: string): Filter {
  const uri = unescapeValue(text);
  const uris = [uri];
  for (
    let slash = uri.lastIndexOf('/');
    slash > uri.indexOf('//') + 1;
    slash = uri.lastIndexOf('/', slash - 1)
  ) {
    uris.push(uri.slice(0, slash));
  }
  return anyOf(
    uris.map(
      (each): Filter => ({ kind: 'value', param: code, test: { kind: 'uri', match: 'exact', uri: each } }),
    ),
  );
}
