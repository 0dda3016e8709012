import { toLiteralReference } from '../fhir/reference.ts';
import { isResourceType } from '../fhir/resource-type.ts';
import { parseResourceId } from '../values/resource-id.ts';
import {
  anyOf,
  type Filter,
  not,
  type ReferencePattern,
  type TokenPattern,
  type ValueTest,
} from './filter.ts';
import { foldCode, foldText } from './fold-text.ts';
import { noSystem } from './index-values.ts';
import { laterWordsOf } from './name-words.ts';
import { dateBounds, numberBounds, parseDateValue, parseNumberValue, splitPrefix } from './parse-date.ts';
import type { SearchParam, SearchParamComponent } from './search-params.ts';
import type { SearchContext } from './search-request.ts';
import { splitEscaped, unescapeValue } from './split-escaped.ts';

/** A search value that cannot be read: a sentence without the parameter's name. */
export class ValueFault extends Error {}

/** One of the values between the commas, as a filter on the parameter. */
export function parseValue(param: SearchParam, text: string, context: SearchContext): Filter {
  if (param.type === 'composite') return parseComposite(param, text, context);
  const { anyOf: tests, negated } = parseTests(param, text, context);
  const params = param.isByWord ? [param.code, laterWordsOf(param.code)] : [param.code];
  const some = anyOf(
    params.flatMap((code) => tests.map((test): Filter => ({ kind: 'value', param: code, test }))),
  );
  return negated ? not(some) : some;
}

type Tests = { readonly anyOf: readonly ValueTest[]; readonly negated: boolean };

/** The tests that a value asks for; any of them must pass. */
function parseTests(param: SearchParam | SearchParamComponent, text: string, context: SearchContext): Tests {
  switch (param.type) {
    case 'token':
      return positive({ kind: 'token', anyOf: [parseToken(text)] });
    case 'string':
      return positive({ kind: 'string', match: 'prefix', text: foldedOrFault(text) });
    case 'reference':
      return { anyOf: parseReference(text, param.target, context.baseUrl), negated: false };
    case 'uri':
      return positive(parseUri(text));
    case 'date':
      return parseDate(text, context);
    case 'number':
      return parseQuantity(text, false);
    case 'quantity':
      return parseQuantity(text, true);
    case 'composite':
    case 'special':
      throw new ValueFault(`is a ${param.type} parameter, which cannot be searched by`);
  }
}

function positive(test: ValueTest): Tests {
  return { anyOf: [test], negated: false };
}

/** `code`, `system|code`, `|code`, `system|` (R4 search.html#token). */
export function parseToken(text: string): TokenPattern {
  const written = parseWrittenToken(text);
  const { system, code } = written;
  if (code === undefined) return written;
  return system === undefined ? { code: foldCode(code) } : { system, code: foldCode(code) };
}

/** The same with the code as it was written, for who knows whether case matters in the system. */
export function parseWrittenToken(text: string): TokenPattern {
  const parts = splitEscaped(text, '|');
  const [first = '', ...rest] = parts;
  if (parts.length === 1) return { code: unescapeValue(first) };
  const code = unescapeValue(rest.join('|'));
  const system = unescapeValue(first);
  if (system === '' && code === '') throw new ValueFault(`"${text}" has neither system nor code`);
  if (code === '') return { system };
  return { system: system === '' ? noSystem : system, code };
}

/** What is left of the text after folding; punctuation alone matches nothing in particular. */
export function foldedOrFault(text: string): string {
  const folded = foldText(unescapeValue(text));
  if (folded === '') throw new ValueFault(`"${text}" has no letter or digit to search for`);
  return folded;
}

/** R4 search.html#reference: `id`, `Type/id`, or a URL; a version at its end is passed over. */
export function parseReference(
  text: string,
  targets: readonly string[],
  baseUrl: string,
): readonly ValueTest[] {
  const value = unescapeValue(text);
  const target = toLiteralReference(value, baseUrl);
  if (target.kind === 'local') return [{ kind: 'reference', anyOf: [{ type: target.type, id: target.id }] }];
  const id = parseResourceId(value);
  if (id !== undefined) {
    const types = targets.filter(isResourceType);
    const patterns: readonly ReferencePattern[] =
      types.length > 0 ? types.map((type) => ({ type, id })) : [{ id }];
    return [{ kind: 'reference', anyOf: patterns }];
  }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(value)) {
    throw new ValueFault(`"${text}" is not an id, a Type/id or a URL`);
  }
  return [parseUri(text)];
}

/** A uri, with `|version` when a canonical is asked for. */
export function parseUri(text: string, match: 'exact' | 'below' = 'exact'): ValueTest {
  const [uri = '', ...version] = splitEscaped(text, '|');
  return {
    kind: 'uri',
    match,
    uri: unescapeValue(uri),
    ...(version.length > 0 && { version: unescapeValue(version.join('|')) }),
  };
}

function parseDate(text: string, { now }: SearchContext): Tests {
  const { prefix, rest } = splitPrefix(text);
  const asked = parseDateValue(rest);
  if (!asked)
    throw new ValueFault(
      `"${text}" is not a FHIR date or time, such as 2024, 2024-02-29 or ge2024-02-29T10:00:00Z`,
    );
  const { anyOf: groups, negated } = dateBounds(prefix, asked, now);
  return { anyOf: groups.map((bounds) => ({ kind: 'date', bounds })), negated };
}

/** `[prefix][number]`, and of a quantity `|system|code` or `||code`. */
function parseQuantity(text: string, withUnit: boolean): Tests {
  const [numberText = '', system, code, ...more] = splitEscaped(text, '|').map(unescapeValue);
  const { prefix, rest } = splitPrefix(numberText);
  const asked = parseNumberValue(rest);
  if (!asked || more.length > 0 || (!withUnit && system !== undefined)) {
    const form = withUnit
      ? 'a quantity, such as 5.4, gt5.4||mg or 5.4|http://unitsofmeasure.org|mg'
      : 'a number';
    throw new ValueFault(`"${text}" is not ${form}`);
  }
  const inSystem = system === undefined || system === '' ? {} : { system };
  const unit = code === undefined || code === '' ? undefined : { code, ...inSystem };
  const { anyOf: groups, negated } = numberBounds(prefix, asked);
  return {
    anyOf: groups.map((bounds) => ({
      kind: 'quantity',
      bounds,
      ...(unit && { unit }),
    })),
    negated,
  };
}

/** The values between the '$' signs must hold on the same parent element (R4 search.html#combining). */
function parseComposite(param: SearchParam, text: string, context: SearchContext): Filter {
  const values = splitEscaped(text, '$');
  if (values.length !== param.components.length) {
    throw new ValueFault(`"${text}" must have ${param.components.length} values with $ between them`);
  }
  const parts = param.components.map((component, i) => parseTests(component, values[i] ?? '', context));
  if (parts.some(({ negated }) => negated))
    throw new ValueFault(`"${text}": ne has no meaning in a composite`);
  const combined = parts.reduce<readonly (readonly ValueTest[])[]>(
    (heads, { anyOf: tests }) => heads.flatMap((head) => tests.map((test) => [...head, test])),
    [[]],
  );
  return anyOf(
    combined.map(
      (tests): Filter => ({ kind: 'value', param: param.code, test: { kind: 'composite', parts: tests } }),
    ),
  );
}
