import type { Document } from 'mongodb';
import type {
  NumberBound,
  ReferencePattern,
  TokenPattern,
  UnitTest,
  ValueTest,
} from '../../search/filter.ts';
import { impliedSystem } from '../../search/index-values.ts';
import { comparisons } from './compile-bounds.ts';
import { compileDates } from './compile-dates.ts';
import { compilePart } from './compile-part.ts';
import {
  allOfQueries,
  anyOfQueries,
  escapePattern,
  keyContaining,
  keyEndingWith,
  keyStartingWith,
  oneOf,
  type Query,
  startingWith,
} from './query.ts';
import { codeOf, keyOf, spanOf } from './value-keys.ts';

/** Some value of the parameter passes the test. */
export function compileTest(param: string, test: ValueTest): Query {
  switch (test.kind) {
    case 'token':
      return compileTokens(param, test.anyOf);
    case 'text':
      return keyStartingWith(keyOf.text(param, test.prefix));
    case 'string':
      return compileString(param, test);
    case 'reference':
      return anyOfQueries(referenceQueries(param, test.anyOf));
    case 'uri':
      return compileUri(param, test);
    case 'date':
      return compileDates(param, { kind: 'value', param, test });
    case 'quantity':
      return compileQuantity(param, test.bounds, test.unit);
    case 'composite':
      return compileComposite(param, test.parts);
  }
}

function compileTokens(param: string, patterns: readonly TokenPattern[]): Query {
  const keys = new Set<string>();
  const others: Query[] = [];
  for (const { system, code } of patterns) {
    if (code === undefined) {
      const start = system === undefined ? keyOf.tokenCode(param, '') : keyOf.tokenSystem(param, system);
      others.push(keyStartingWith(start));
    } else if (system === undefined) {
      keys.add(keyOf.tokenCode(param, code));
    } else {
      keys.add(keyOf.token(param, system, code)).add(keyOf.token(param, impliedSystem, code));
    }
  }
  return anyOfQueries([oneOf('keys', [...keys]), ...others]);
}

function compileString(param: string, test: ValueTest & { kind: 'string' }): Query {
  switch (test.match) {
    case 'exact':
      return { keys: keyOf.original(param, test.text) };
    case 'prefix':
      return keyStartingWith(keyOf.string(param, test.text));
    case 'whole':
      return { keys: keyOf.string(param, test.text) };
    case 'suffix':
      return keyEndingWith(keyOf.string(param, ''), test.text);
    case 'substring':
      return keyContaining(keyOf.string(param, ''), test.text);
  }
}

function referenceQueries(param: string, patterns: readonly ReferencePattern[]): readonly Query[] {
  const keys: string[] = [];
  const others: Query[] = [];
  for (const { type, id } of patterns) {
    if (type !== undefined && id !== undefined) keys.push(keyOf.reference(param, type, id));
    else if (type !== undefined) others.push(keyStartingWith(keyOf.reference(param, type, '')));
    else others.push({ keys: referenceToAnyType(param, id) });
  }
  return [oneOf('keys', keys), ...others];
}

function referenceToAnyType(param: string, id: string | undefined): RegExp {
  const start = keyOf.referenceTo(param, '');
  return id === undefined
    ? startingWith(start)
    : new RegExp(`^${escapePattern(start)}[^/]*/${escapePattern(id)}$`);
}

function compileUri(param: string, test: ValueTest & { kind: 'uri' }): Query {
  const { uri, version, match } = test;
  const folder = uri.endsWith('/') ? uri : `${uri}/`;
  if (version === undefined) {
    const same = { keys: keyOf.uri(param, uri) };
    return match === 'exact' ? same : anyOfQueries([same, keyStartingWith(keyOf.uri(param, folder))]);
  }
  const same = keyOf.uriVersion(param, uri, version);
  if (match === 'exact') return { keys: same };
  const below = escapePattern(keyOf.uriVersion(param, folder, '').slice(0, -1));
  const later = `\\|${escapePattern(version)}`;
  return anyOfQueries([
    { keys: same },
    keyStartingWith(`${same}.`),
    { keys: new RegExp(`^${below}[^\\|]*${later}$`) },
    { keys: new RegExp(`^${below}[^\\|]*${later}\\.`) },
  ]);
}

function compileQuantity(param: string, bounds: readonly NumberBound[], unit: UnitTest | undefined): Query {
  const element: Document = { p: spanOf.quantity(param), ...comparisons(bounds, ({ value }) => value) };
  if (!unit) return { spans: { $elemMatch: element } };
  const { system, code } = unit;
  if (system !== undefined) return { spans: { $elemMatch: { ...element, system, code } } };
  return { spans: { $elemMatch: { ...element, $or: [{ code }, { unit: code }] } } };
}

/** By the code of the first component where that is known, then part by part. */
function compileComposite(param: string, parts: readonly ValueTest[]): Query {
  const tests = parts.map((part, i) => compilePart(part, `x${i}`));
  const together = allOfQueries([{ p: param, n: parts.length }, ...tests]);
  if (together === 'none' || together === 'all') return 'none';
  return allOfQueries([compositeKeys(param, parts[0]), { tuples: { $elemMatch: together } }]);
}

function compositeKeys(param: string, first: ValueTest | undefined): Query {
  if (first?.kind !== 'token' || first.anyOf.some(({ code }) => code === undefined)) return 'all';
  const codes = first.anyOf.map(({ code = '' }) => codeOf({ kind: 'token', system: '', code }));
  return oneOf(
    'keys',
    [...new Set(codes)].map((code) => keyOf.composite(param, code)),
  );
}
