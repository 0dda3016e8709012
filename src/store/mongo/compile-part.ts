import type { Document } from 'mongodb';
import type { UnitTest, ValueTest } from '../../search/filter.ts';
import { impliedSystem } from '../../search/index-values.ts';
import { boundsOn } from './compile-bounds.ts';
import { allOfQueries, anyOfQueries, escapePattern, type Query, startingWith } from './query.ts';

/** A test on one component of a composite, which lies under `at` as it was drawn. */
export function compilePart(test: ValueTest, at: string): Query {
  const kind = { [`${at}.kind`]: test.kind };
  const path = (field: string) => `${at}.${field}`;
  switch (test.kind) {
    case 'token':
      return allOfQueries([kind, anyOfQueries(test.anyOf.map((pattern) => tokenPart(pattern, path)))]);
    case 'text':
      return { ...kind, [path('folded')]: startingWith(test.prefix) };
    case 'string':
      return { ...kind, ...stringPart(test, path) };
    case 'reference':
      return allOfQueries([kind, anyOfQueries(test.anyOf.map(({ type, id }) => given({ type, id }, path)))]);
    case 'uri':
      return allOfQueries([kind, uriPart(test, path), versionPart(test, path)]);
    case 'date':
      return allOfQueries([kind, ...test.bounds.map(({ end, ...bound }) => boundsOn(path(end), [bound]))]);
    case 'quantity':
      return allOfQueries([
        kind,
        ...test.bounds.map(({ end, is, value }) => boundsOn(path(end), [{ is, at: value }])),
        test.unit ? unitPart(test.unit, path) : 'all',
      ]);
    case 'composite':
      return 'none';
  }
}

type Path = (field: string) => string;

/** What is asked for must be equal. */
function given(fields: Readonly<Record<string, string | undefined>>, path: Path): Query {
  const asked = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (asked.length === 0) return 'all';
  return Object.fromEntries(asked.map(([field, value]) => [path(field), value]));
}

function tokenPart({ system, code }: { system?: string; code?: string }, path: Path): Query {
  if (system === undefined || code === undefined) return given({ system, code }, path);
  return { [path('code')]: code, [path('system')]: { $in: [system, impliedSystem] } };
}

function stringPart(test: ValueTest & { kind: 'string' }, path: Path): Document {
  const { match, text } = test;
  switch (match) {
    case 'exact':
      return { [path('original')]: text };
    case 'whole':
      return { [path('folded')]: text };
    case 'prefix':
      return { [path('folded')]: startingWith(text) };
    case 'suffix':
      return { [path('folded')]: new RegExp(`${escapePattern(text)}$`, 's') };
    case 'substring':
      return { [path('folded')]: new RegExp(escapePattern(text), 's') };
  }
}

function uriPart({ match, uri }: ValueTest & { kind: 'uri' }, path: Path): Query {
  const same = { [path('uri')]: uri };
  if (match === 'exact') return same;
  return { $or: [same, { [path('uri')]: startingWith(uri.endsWith('/') ? uri : `${uri}/`) }] };
}

function versionPart({ match, version }: ValueTest & { kind: 'uri' }, path: Path): Query {
  if (version === undefined) return 'all';
  const same = { [path('version')]: version };
  return match === 'exact' ? same : { $or: [same, { [path('version')]: startingWith(`${version}.`) }] };
}

function unitPart({ system, code }: UnitTest, path: Path): Query {
  if (system !== undefined) return { [path('system')]: system, [path('code')]: code };
  return { $or: [{ [path('code')]: code }, { [path('unit')]: code }] };
}
