import { randomUUID } from 'node:crypto';
import type { ResourceType } from '../../fhir/resource-type.ts';
import { allOf, type Filter } from '../../search/filter.ts';
import { compareText } from '../../search/fold-text.ts';
import type { SearchQuery, StoredResource } from '../contract/store.ts';
import { candidateOf, compileTest, resourceRow } from './compile-filter.ts';
import { conjunctsBeside, conjunctsOf, partsOf, personIn, rankOf } from './conjuncts.ts';
import type { Tuple } from './connection.ts';
import { keepSql } from './kept-sql.ts';
import { askedPerson } from './patient-sql.ts';
import { longText } from './read-versions.ts';
import { compilerOf, isKnownLarge, noteLarge, type Reader } from './reader.ts';
import { bindTogether, glue, limitSql, type Sql, sql } from './sql.ts';

/** Two pages of the usual size: of larger sets more texts would be read than a page shows. */
const mostFew = 100;

/** A value of a string, an id or a code may be a rare one; of other tests it is not to be hoped for. */
const worstRank = 3;

/**
 * All matches of a search in the order of their ids, where one index leads to few resources: the searches that an
 * application asks most (by patient, by identifier, by id) then cost one statement. Undefined when the search asks
 * for another order or a later page, or when the index leads to many: then it has to be planned.
 */
export function fewMatches(
  reader: Reader,
  { filter, sort, after }: SearchQuery,
  type: ResourceType,
): readonly StoredResource[] | undefined {
  const typeId = reader.names.typeId(type);
  if (typeId === undefined) return [];
  if (sort.length > 0 || after !== undefined || reader.smallSet < mostFew) return undefined;
  const { parts, only } = splitFilter(filter, type);
  const best = bestOf(parts);
  if (!best || rankOf(best) > worstRank) return undefined;
  const compiler = compilerOf(reader, mostFew);
  const { set, covers } = candidateOf(best, type, compiler);
  if (!set || isKnownLarge(reader, set, mostFew)) return undefined;
  const rest: Filter = { kind: 'and', of: parts.filter((part) => !covers.includes(part)) };
  const test = compileTest(rest, resourceRow(type), compiler);
  const found = { set, typeId, test };
  const query = only
    ? keptFewSql(reader, { only, type, person: personIn(parts, type), ...found })
    : fewSql(found);
  const rows = reader.db.tuples(query.text, query.args);
  if (rows.length > mostFew) {
    noteLarge(reader, set, mostFew);
    return undefined;
  }
  // To read many that are long is not done at once: then it has to be planned.
  return rows.some(([, , , , text]) => text === 0) ? undefined : inOrder(rows, type);
}

type SplitFilter = { readonly parts: readonly Filter[]; readonly only?: Filter };

/** What was asked and what the caller may see, apart where nothing of the latter leads to fewer. */
function splitFilter(filter: Filter, type: ResourceType): SplitFilter {
  const [asked, only, ...others] = filter.kind === 'and' ? filter.of : [];
  if (!asked || !only || others.length > 0 || only.kind === 'value')
    return { parts: conjunctsOf(filter, type) };
  const parts = conjunctsOf(asked, type);
  const ofAsked = bestOf(parts);
  const isApart = ofAsked && rankOf(ofAsked) <= rankWithin(only);
  return isApart ? { parts, only } : { parts: conjunctsOf(filter, type) };
}

/** What a caller may see is the same object in all that the caller asks (kept-sql.ts). */
const ranks = new WeakMap<Filter, number>();

function rankWithin(only: Filter): number {
  const known = ranks.get(only);
  if (known !== undefined) return known;
  const best = bestOf(partsOf(only));
  const rank = best ? rankOf(best) : worstRank;
  ranks.set(only, rank);
  return rank;
}

function bestOf(parts: readonly Filter[]): Filter | undefined {
  let best: Filter | undefined;
  for (const part of parts) if (!best || rankOf(part) < rankOf(best)) best = part;
  return best;
}

/** Stands for a person until it is known whom; nobody can ask for it. */
const somebody = randomUUID();

type Few = { readonly set: Sql; readonly typeId: number; readonly test: Sql };
type RestrictedFew = Few & {
  readonly only: Filter;
  readonly type: ResourceType;
  readonly person: string | undefined;
};

/**
 * The same within what the caller may see. It is kept for all searches of one form: to put a long text together, and to
 * find the statement by it, costs as much as the search.
 */
function keptFewSql(reader: Reader, { only, type, person, ...few }: RestrictedFew): Sql {
  const { set, test, typeId } = few;
  const beside = person === undefined ? undefined : somebody;
  const form = `few ${type} ${beside ? 'of one ' : ''}${set.text} ${test.text}`;
  const { text, args } = keepSql(reader, only, form, (compiler) => {
    const asked = beside === undefined ? undefined : askedPerson(beside, compiler.names);
    const filter = allOf(conjunctsBeside(only, type, beside));
    const reached = compileTest(filter, resourceRow(type, asked), compiler);
    // Behind the type and what the test names; what comes after it goes on counting.
    const { texts, args } = bindTogether([reached, asked?.row() ?? nobody], 1 + test.args.length);
    const [reach = '', row] = texts;
    return { text: fewSql({ ...few, test: glue('(', test, ' AND ', reach, ')'), row }).text, args };
  });
  const reached = person === undefined ? args : args.map((arg) => (arg === somebody ? person : arg));
  return { text, args: [typeId, ...test.args, ...reached, ...set.args] };
}

const nobody = sql('');

/**
 * Every member of the set, up to one more than are few; those that do not match come without a text. The limit stands
 * outside, so that SQLite joins the set itself instead of gathering it first.
 */
function fewSql({ set, typeId, test, row = '' }: Few & { readonly row?: string | undefined }): Sql {
  return glue(
    sql(
      'SELECT r.id, v.version, v.last_updated, v.method, CASE WHEN +r.live = 1 AND +r.type = ? AND ',
      typeId,
    ),
    test,
    ` THEN CASE WHEN octet_length(v.text) > ${longText} THEN 0 ELSE v.text END END AS text FROM `,
    row && `${row} CROSS JOIN `,
    '(',
    set,
    `) s CROSS JOIN resource r ON r.rid = s.rid CROSS JOIN version v ON v.seq = r.seq ${limitSql(mostFew + 1)}`,
  );
}

/** A resource may stand in the set twice. */
function inOrder(rows: readonly Tuple[], type: ResourceType): readonly StoredResource[] {
  const found = new Map<unknown, StoredResource>();
  for (const [id, versionId, lastUpdated, method, text] of rows) {
    if (text !== null) found.set(id, { type, id, versionId, lastUpdated, method, text } as StoredResource);
  }
  return [...found.values()].sort((a, b) => compareText(a.id, b.id));
}
