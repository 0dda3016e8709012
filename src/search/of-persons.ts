import { allOf, anyOf, type Filter, not } from './filter.ts';
import { isSource, personParam } from './person-link.ts';

/** The ids under which the same person is known; none where a Patient is known by its own alone. */
export type KnownAliases = (patient: string) => readonly string[] | undefined;

/** What a client asks of links it asks of the records themselves. */
const linkParam = 'link';

function isOfRecords(param: string): boolean {
  return param === linkParam || param === personParam;
}

/** The Patients whom the filter names by a reference, or as the end of a chain. */
export function patientsNamed(filter: Filter): readonly string[] {
  const named = new Set<string>();
  rewrite(filter, { ...atTop([]), aliasesOf: (id) => void named.add(id) });
  return [...named];
}

/**
 * The same question, asked of persons: who is referred to counts under every id of the same person; a chain to a Patient looks
 * at the person of a source too; and what refers to a source, `_has` finds for its person, and for any source where sources are
 * found. Links stay as they are.
 */
export function ofPersons(filter: Filter, types: readonly string[], aliasesOf: KnownAliases): Filter {
  return rewrite(filter, { ...atTop(types), findsSources: asksOfRecords(filter), aliasesOf });
}

/** What answers persons: sources are found only by what tells records apart (`_id`, `_tag`, `link`). */
export function withoutSources(filter: Filter): Filter {
  return asksOfRecords(filter) ? filter : allOf([filter, not(isSource)]);
}

function asksOfRecords(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.some(asksOfRecords);
    case 'not':
      return asksOfRecords(filter.of);
    case 'id':
      return true;
    case 'value':
    case 'present':
      return filter.param === '_tag' || isOfRecords(filter.param);
    case 'chain':
    case 'has':
      return filter.param === linkParam;
    case 'type':
    case 'concerns':
    case 'reach':
    case 'lastUpdated':
      return false;
  }
}

/** A Patient who passes the filter, or of whom the person, a source, or another source of the person does. */
export function ofAnyAlias(filter: Filter): Filter {
  const ownOrOfSource = anyOf([filter, ofSomeSource(filter)]);
  return anyOf([ownOrOfSource, toPerson(ownOrOfSource)]);
}

function ofSomeSource(of: Filter): Filter {
  return { kind: 'has', type: 'Patient', param: personParam, of };
}

function toPerson(of: Filter): Filter {
  return { kind: 'chain', param: personParam, type: 'Patient', of };
}

type At = {
  /** Whether a Patient may be asked here. */
  readonly isPatient: boolean;
  /** At the end of a chain an id names somebody; else it names a record. */
  readonly isTarget: boolean;
  /** Sources are found too: what refers to any record of the person counts for each. */
  readonly findsSources: boolean;
  readonly aliasesOf: KnownAliases;
};

function atTop(types: readonly string[]): Omit<At, 'aliasesOf'> {
  return { isPatient: types.includes('Patient'), isTarget: false, findsSources: false };
}

function rewrite(filter: Filter, at: At): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => rewrite(part, at)) };
    case 'not':
      return { kind: 'not', of: rewrite(filter.of, at) };
    case 'id':
      return at.isPatient && at.isTarget ? { kind: 'id', anyOf: withAliases(filter.anyOf, at) } : filter;
    case 'value':
      return isOfRecords(filter.param) ? filter : referringToAliases(filter, at);
    case 'chain':
      return chainToPersons(filter, at);
    case 'has':
      return hasOfPersons(filter, at);
    case 'type':
    case 'concerns':
    case 'reach':
    case 'lastUpdated':
    case 'present':
      return filter;
  }
}

function withAliases(ids: readonly string[], { aliasesOf }: At): readonly string[] {
  return [...new Set(ids.flatMap((id) => [id, ...(aliasesOf(id) ?? [])]))];
}

function referringToAliases(filter: Extract<Filter, { kind: 'value' }>, at: At): Filter {
  const { test } = filter;
  if (test.kind !== 'reference') return filter;
  const named = test.anyOf.flatMap(({ type, id }) =>
    id !== undefined && (type === undefined || type === 'Patient') ? [id] : [],
  );
  const others = withAliases(named, at).filter((id) => !named.includes(id));
  if (others.length === 0) return filter;
  const aliases = others.map((id) => ({ type: 'Patient', id }));
  return { ...filter, test: { kind: 'reference', anyOf: [...test.anyOf, ...aliases] } };
}

function chainToPersons(filter: Extract<Filter, { kind: 'chain' }>, { aliasesOf }: At): Filter {
  const isPatient = filter.type === 'Patient';
  const isTarget = !isOfRecords(filter.param);
  const of = rewrite(filter.of, { isPatient, isTarget, findsSources: false, aliasesOf });
  return { ...filter, of: isPatient && isTarget ? anyOf([of, toPerson(of)]) : of };
}

function hasOfPersons(
  filter: Extract<Filter, { kind: 'has' }>,
  { isPatient, findsSources, aliasesOf }: At,
): Filter {
  const at = { isPatient: filter.type === 'Patient', isTarget: false, findsSources: false, aliasesOf };
  const of = rewrite(filter.of, at);
  const own: Filter = { ...filter, of };
  if (!isPatient || isOfRecords(filter.param)) return own;
  return findsSources ? ofAnyAlias(own) : anyOf([own, ofSomeSource(own)]);
}
