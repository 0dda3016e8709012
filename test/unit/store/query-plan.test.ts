import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownedBy } from '../../../src/access/owner.ts';
import type { ResourceType } from '../../../src/fhir/resource-type.ts';
import type { Filter, VersionFilter } from '../../../src/search/filter.ts';
import { objectionMark } from '../../../src/search/reach.ts';
import type { Change, HistoryQuery } from '../../../src/store/contract/store.ts';
import { openCommitter } from '../../../src/store/sqlite/commit.ts';
import { type Connection, connect } from '../../../src/store/sqlite/connection.ts';
import { countMatches } from '../../../src/store/sqlite/count.ts';
import type { Bindable } from '../../../src/store/sqlite/driver.ts';
import { countVersions, historyPage } from '../../../src/store/sqlite/history.ts';
import { oneMatch } from '../../../src/store/sqlite/one-match.ts';
import { openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { openReader, type Reader } from '../../../src/store/sqlite/reader.ts';
import { searchPage } from '../../../src/store/sqlite/search.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { at, change, removal } from '../../contract/fixtures.ts';
import { type Search, usualSearches } from '../../contract/usual-searches.ts';
import { indexed, parse } from '../search/search-world.ts';

type Seen = { readonly statements: string[]; readonly plans: string[] };

/** Every statement that a search runs is explained on the way. */
function explaining(db: Connection, { statements, plans }: Seen): Connection {
  const explain = (sql: string, args: readonly Bindable[]) => {
    statements.push(sql);
    for (const row of db.all(`EXPLAIN QUERY PLAN ${sql}`, args)) plans.push(String(row['detail']));
  };
  return {
    ...db,
    all: (sql, args) => {
      explain(sql, args);
      return db.all(sql, args);
    },
    tuples: (sql, args) => {
      explain(sql, args);
      return db.tuples(sql, args);
    },
    get: (sql, args) => {
      explain(sql, args);
      return db.get(sql, args);
    },
    tuple: (sql, args) => {
      explain(sql, args);
      return db.tuple(sql, args);
    },
  };
}

/** All values of one parameter are as many as its resources; only a sort goes along them, and stops at its page. */
const walksParam = /^SEARCH [^s] .*INDEX \w+ \(param=\?\)$/;

/** Other values of a resource (`m`) are found by the resource, not along all that come before. */
const walksValues = /^SEARCH m .*\(param=\?/;

/** Walking these is no walk through the registry: what is gathered, lists that were bound, the few types. */
const harmless = /^SCAN (CONSTANT ROW|json_each|type|\(subquery-\d+\)|d|who|one|.* VIRTUAL TABLE.*)/;

describe('searches walk no table', () => {
  let db: Connection;
  beforeAll(() => {
    db = openForWriting(':memory:');
    const { commit } = openCommitter(db);
    const run = (changes: readonly Change[]) =>
      commit([{ kind: 'unit', unit: { changes, guards: [] }, now: at(0) }]);
    run(
      indexed.map(
        ({ lastUpdated: _, type, id, ...drawn }) => ({ ...change({ type, id }), ...drawn }) as Change,
      ),
    );
    run([removal({ type: 'Immunization', id: 'i2', version: 2 })]);
    run([change({ type: 'Immunization', id: 'i2', version: 3, patients: ['bob'] })]);
  });
  afterAll(() => db.close());

  const searches: readonly Search[] = [
    ...usualSearches,
    ['Immunization', 'patient=Patient/ann'],
    ['Patient', 'name=smith&_sort=family,given'],
    ['Patient', 'name:exact=Smith'],
    ['Patient', 'gender=female&_sort=birthdate'],
    ['Patient', '_lastUpdated=le2020&_sort=-_lastUpdated'],
    ['Patient', '_has:Immunization:patient:_has:Provenance:target:recorded=2026'],
    ['Patient', '_profile=urn:p'],
    ['Observation', 'code-value-quantity=http://loinc.org|8302-2$ge100'],
    ['Observation', 'value-quantity=gt99||cm'],
    ['Patient', '_list=l1'],
    ['Patient', '_filter=family eq smith'],
    ['Patient', '_filter=family eq smith or gender eq female'],
    ['Immunization', '_filter=patient re Patient/ann and not (_id eq i2)'],
    ['Immunization', '_filter=patient[gender eq female].name sw oneill'],
    ['Organization', '_content=harbor clinic'],
  ];

  const ways = [20_000, -1];
  const reach: Filter = { kind: 'reach', anyOf: ['care|Organization/clinic', 'town|boston'] };
  const ann: VersionFilter = { kind: 'concerns', anyOf: ['ann', 'nobody'] };
  // As access makes it of a clinician who has looked somebody up, and of one who has broken the glass.
  const unheard: Filter = {
    kind: 'or',
    of: [{ kind: 'not', of: { kind: 'reach', anyOf: [objectionMark] } }, ownedBy(['clinic'])],
  };
  const found: Filter = { kind: 'and', of: [{ kind: 'or', of: [reach, ann] }, unheard] };
  const opened: Filter = { kind: 'or', of: [found, ann] };
  const shared: VersionFilter = { kind: 'or', of: [ann, { kind: 'type', anyOf: ['Organization'] }] };

  function walksOf(small: number, work: (reader: Reader) => void): readonly string[] {
    const seen: Seen = { statements: [], plans: [] };
    work(openReader(explaining(db, seen), small));
    // A statement with a bound LIMIT is planned anew at every run.
    expect(seen.statements.filter((sql) => /LIMIT \?/.test(sql))).toEqual([]);
    return seen.plans.filter(
      (plan) =>
        walksParam.test(plan) || walksValues.test(plan) || (plan.startsWith('SCAN') && !harmless.test(plan)),
    );
  }

  // To seek several marks of one person SQLite makes an index of the list in each run: some 15 µs, most of a read.
  it('compares the marks of one person with a list', () => {
    const seen: Seen = { statements: [], plans: [] };
    const reader = openReader(explaining(db, seen), 20_000);
    const named: Filter = { kind: 'id', anyOf: ['ann'] };
    oneMatch(
      reader,
      { types: ['Patient'], filter: { kind: 'and', of: [named, found] }, sort: [], count: 1 },
      'Patient',
    );
    const ofMarks = seen.plans.filter((plan) => plan.startsWith('SEARCH m '));
    expect(new Set(ofMarks)).toEqual(new Set(['SEARCH m USING PRIMARY KEY (patient=?)']));
  });

  it.each(searches.flatMap(([type, query]) => ways.map((small) => [type, query, small] as const)))(
    '%s?%s (gathering %d)',
    (type, query, small) => {
      const parsed = parse(type, query);
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
      const { filter, sort } = parsed.request;
      const walks = walksOf(small, (reader) => {
        const { matches } = searchPage(reader, { types: [type], filter, sort, count: 1 });
        expect(matches.length).toBeGreaterThan(0);
      });
      expect(walks).toEqual([]);
    },
  );

  const restricted: readonly (readonly [ResourceType, string, Filter])[] = [
    ['Immunization', 'patient=ann', reach],
    ['Immunization', 'patient=ann', ann],
    ['Immunization', '', reach],
    ['Immunization', '', ann],
    ['Immunization', '', shared],
    ['Immunization', '', found],
    ['Immunization', 'patient=ann', found],
    ['Immunization', '_sort=-date', found],
    ['Patient', 'name=oneill&_sort=birthdate', found],
    ['Immunization', '', opened],
    ['Immunization', 'patient=ann', opened],
    ['Immunization', '_sort=-date', reach],
    ['Immunization', 'status=completed&_sort=-date', reach],
    ['Immunization', 'patient.identifier=urn:mrn|A-1', reach],
    ['Patient', '', reach],
    ['Patient', '', ann],
    ['Patient', 'name=oneill&_sort=birthdate', reach],
    ['Patient', '_sort=-_lastUpdated', ann],
    ['Observation', '', ann],
    ['List', '', ann],
  ];

  it.each(restricted.flatMap((search) => ways.map((small) => [...search, small] as const)))(
    '%s?%s of %j (gathering %d)',
    (type, query, only, small) => {
      const parsed = parse(type, query);
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
      const { filter, sort } = parsed.request;
      const walks = walksOf(small, (reader) => {
        const asked: Filter = { kind: 'and', of: [filter, only] };
        const { matches } = searchPage(reader, { types: [type], filter: asked, sort, count: 1 });
        expect(matches.length).toBeGreaterThan(0);
        expect(countMatches(reader, [type], asked)).toBeGreaterThan(0);
      });
      expect(walks).toEqual([]);
    },
  );

  it.each<[string, Omit<HistoryQuery, 'count'>]>([
    ['of a Patient', { only: ann }],
    ['of a Patient and what is nobody’s', { type: 'Immunization', only: shared }],
    ['of who bears marks', { only: reach }],
    ['of a type, of who bears marks', { type: 'Immunization', only: reach }],
    ['of a resource', { type: 'Immunization', id: 'i1' as ResourceId, only: reach }],
  ])('a history %s', (_, query) => {
    const walks = walksOf(20_000, (reader) => {
      expect(historyPage(reader, { ...query, count: 1 }).versions.length).toBeGreaterThan(0);
      expect(countVersions(reader, { ...query, count: 1 })).toBeGreaterThan(0);
    });
    expect(walks).toEqual([]);
  });
});

it('keeps a bounded number of prepared statements', () => {
  const made: string[] = [];
  const db = connect({
    prepare: (sql: string) => {
      made.push(sql);
      return { all: () => [] };
    },
  } as never);
  for (let n = 0; n < 1000; n++) db.all(`SELECT ${n}`, []);
  db.all('SELECT 999', []);
  expect(made).toHaveLength(1000);
  db.all('SELECT 1', []);
  expect(made).toHaveLength(1001);
});
