import type { VersionFilter } from '../../search/filter.ts';
import { isBorneByOne } from '../../search/reach.ts';
import type { Names } from './names.ts';
import { aliasRids, concernsSql, patientsMarked, reachSql, seqsOfPatients, typeSql } from './patient-sql.ts';
import { conjunction, disjunction, glue, negation, type Sql } from './sql.ts';
import { oneOfTexts } from './value-sql.ts';

/** A condition on the version `v`. */
export function versionTest(filter: VersionFilter, names: Names): Sql {
  switch (filter.kind) {
    case 'and':
      return conjunction(filter.of.map((part) => versionTest(part, names)));
    case 'or':
      return disjunction(filter.of.map((part) => versionTest(part, names)));
    case 'not':
      return negation(versionTest(filter.of, names));
    case 'id':
      return oneOfTexts('(SELECT id FROM resource WHERE rid = v.rid)', filter.anyOf);
    case 'type':
      return typeSql('+v.type', filter.anyOf, names);
    case 'concerns':
      return concernsSql('v.patient', filter.anyOf, names);
    case 'reach':
      return reachSql('v.patient', filter, names);
  }
}

/** `SELECT seq …` of versions among which are all that pass; undefined when no index gives them. */
export function versionSet(filter: VersionFilter, names: Names): Sql | undefined {
  switch (filter.kind) {
    case 'concerns':
      return seqsOfPatients(aliasRids(filter.anyOf, names));
    case 'reach':
      // An old version stands with the first of those whom it concerns: of what one alone bears that may be another.
      if (filter.anyOf.some(isBorneByOne)) return undefined;
      return seqsOfPatients(patientsMarked(filter.anyOf, names));
    case 'and':
      return filter.of.map((part) => versionSet(part, names)).find((set) => set !== undefined);
    case 'or':
      return unionOf(filter.of.map((part) => versionSet(part, names)));
    case 'not':
    case 'id':
    case 'type':
      return undefined;
  }
}

function unionOf(sets: readonly (Sql | undefined)[]): Sql | undefined {
  const [first, ...others] = sets.filter((set) => set !== undefined);
  if (first === undefined || others.length + 1 < sets.length || sets.length > mostUnited) return undefined;
  return others.reduce((all, set) => glue(all, ' UNION ALL ', set), first);
}

/** SQLite joins at most 500 SELECTs, and each of these is three. */
const mostUnited = 100;
