import type { DateBound, Filter, NumberBound, ReferencePattern, TokenPattern, ValueTest } from './filter.ts';
import { type Indexed, type IndexValue, impliedSystem, type QuantityValue } from './index-values.ts';
import { bearsMark } from './reach.ts';

/** The resources there are, none deleted: what chains look into. */
export type World = {
  readonly find: (type: string, id: string) => Indexed | undefined;
  readonly all: (type: string) => Iterable<Indexed>;
  /** The marks that a Patient bears: those of all resources that concern it or one of its aliases. */
  readonly marksOf: (patient: string) => ReadonlySet<string>;
  /** The ids under which the same person is known, itself perhaps among them. */
  readonly aliasesOf: (patient: string) => readonly string[];
};

/** The meaning of a filter, without a database: what every store is held against. */
export function matches(filter: Filter, resource: Indexed, world: World): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((part) => matches(part, resource, world));
    case 'or':
      return filter.of.some((part) => matches(part, resource, world));
    case 'not':
      return !matches(filter.of, resource, world);
    case 'id':
      return filter.anyOf.includes(resource.id);
    case 'type':
      return filter.anyOf.includes(resource.type);
    case 'concerns':
      return concernsOnly(
        resource,
        (patient) =>
          filter.anyOf.includes(patient) ||
          world.aliasesOf(patient).some((alias) => filter.anyOf.includes(alias)),
      );
    case 'reach':
      return filter.anyOf.some((mark) =>
        bearsMark(mark, resource.patients, (patient) => world.marksOf(patient).has(mark)),
      );
    case 'lastUpdated':
      return filter.bounds.every((bound) => compares(resource.lastUpdated, bound.is, bound.at));
    case 'value':
      return valuesOf(resource, filter.param).some((value) => passes(filter.test, value));
    case 'present':
      return valuesOf(resource, filter.param).some((value) => filter.kinds.includes(value.kind));
    case 'chain':
      return targetsOf(resource, filter.param, filter.type, world).some((target) =>
        matches(filter.of, target, world),
      );
    case 'has':
      return refers(filter, resource, world);
  }
}

function concernsOnly({ patients }: Indexed, isAmong: (patient: string) => boolean): boolean {
  return patients.length > 0 && patients.every(isAmong);
}

function valuesOf(resource: Indexed, param: string): readonly IndexValue[] {
  return resource.index[param] ?? [];
}

function targetsOf(resource: Indexed, param: string, type: string, world: World): readonly Indexed[] {
  return valuesOf(resource, param).flatMap((value) => {
    const target = value.kind === 'reference' && value.type === type ? world.find(type, value.id) : undefined;
    return target ? [target] : [];
  });
}

function refers(filter: Filter & { kind: 'has' }, resource: Indexed, world: World): boolean {
  for (const source of world.all(filter.type)) {
    const toThis = valuesOf(source, filter.param).some(
      (value) => value.kind === 'reference' && value.type === resource.type && value.id === resource.id,
    );
    if (toThis && matches(filter.of, source, world)) return true;
  }
  return false;
}

export function passes(test: ValueTest, value: IndexValue): boolean {
  switch (test.kind) {
    case 'token':
      return value.kind === 'token' && test.anyOf.some((pattern) => fitsToken(pattern, value));
    case 'text':
      return value.kind === 'text' && value.folded.startsWith(test.prefix);
    case 'string':
      return value.kind === 'string' && fitsString(test, value);
    case 'reference':
      return value.kind === 'reference' && test.anyOf.some((pattern) => fitsReference(pattern, value));
    case 'uri':
      return value.kind === 'uri' && fitsUri(test, value);
    case 'date':
      return value.kind === 'date' && test.bounds.every((bound) => holds(bound, value));
    case 'quantity':
      return value.kind === 'quantity' && fitsQuantity(test, value);
    case 'composite':
      return (
        value.kind === 'composite' &&
        value.parts.length === test.parts.length &&
        test.parts.every((part, i) => {
          const component = value.parts[i];
          return component !== undefined && passes(part, component);
        })
      );
  }
}

function fitsToken(pattern: TokenPattern, value: IndexValue & { kind: 'token' }): boolean {
  const { system, code } = pattern;
  if (code !== undefined && value.code !== code) return false;
  if (system === undefined || value.system === system) return true;
  return value.system === impliedSystem && code !== undefined;
}

function fitsString(test: ValueTest & { kind: 'string' }, value: IndexValue & { kind: 'string' }): boolean {
  switch (test.match) {
    case 'exact':
      return value.original === test.text;
    case 'whole':
      return value.folded === test.text;
    case 'prefix':
      return value.folded.startsWith(test.text);
    case 'suffix':
      return value.folded.endsWith(test.text);
    case 'substring':
      return value.folded.includes(test.text);
  }
}

function fitsReference(pattern: ReferencePattern, value: IndexValue & { kind: 'reference' }): boolean {
  const { type, id } = pattern;
  return (type === undefined || value.type === type) && (id === undefined || value.id === id);
}

function fitsUri(test: ValueTest & { kind: 'uri' }, value: IndexValue & { kind: 'uri' }): boolean {
  const below = test.match === 'below';
  const { uri, version } = test;
  if (value.uri !== uri && !(below && value.uri.startsWith(uri.endsWith('/') ? uri : `${uri}/`)))
    return false;
  return (
    version === undefined || value.version === version || (below && value.version.startsWith(`${version}.`))
  );
}

function fitsQuantity(test: ValueTest & { kind: 'quantity' }, value: QuantityValue): boolean {
  if (!test.bounds.every((bound) => holdsNumber(bound, value))) return false;
  if (!test.unit) return true;
  const { system, code } = test.unit;
  if (system === undefined) return value.code === code || value.unit === code;
  return value.system === system && value.code === code;
}

function holds(bound: DateBound, value: IndexValue & { kind: 'date' }): boolean {
  return compares(value[bound.end], bound.is, bound.at);
}

function holdsNumber(bound: NumberBound, value: QuantityValue): boolean {
  return compares(value[bound.end], bound.is, bound.value);
}

function compares(a: number, is: DateBound['is'], b: number): boolean {
  return is === '<' ? a < b : is === '<=' ? a <= b : is === '>' ? a > b : a >= b;
}
