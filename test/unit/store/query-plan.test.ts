import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommitter } from '../../../src/store/sqlite/commit.ts';
import { type Connection, connect } from '../../../src/store/sqlite/connection.ts';
import type { Bindable } from '../../../src/store/sqlite/driver.ts';
import { openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { openReader } from '../../../src/store/sqlite/reader.ts';
import { searchPage } from '../../../src/store/sqlite/search.ts';
import { at, change } from '../../contract/fixtures.ts';
import { type Search, usualSearches } from '../../contract/usual-searches.ts';
import { indexResource, parse, samples } from '../search/search-world.ts';

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
  };
}

/** All values of one parameter are as many as its resources; only a sort goes along them, and stops at its page. */
const walksParam = /^SEARCH [^s] .*INDEX \w+ \(param=\?\)$/;

/** Walking these is no walk through the registry: what is gathered, lists that were bound, the few types. */
const harmless = /^SCAN (CONSTANT ROW|json_each|type|\(subquery-\d+\)|d|.* VIRTUAL TABLE.*)/;

describe('searches walk no table', () => {
  let db: Connection;
  beforeAll(() => {
    db = openForWriting(':memory:');
    const changes = samples.map((sample) =>
      change({ type: sample.resourceType, id: sample.id, index: indexResource(sample) }),
    );
    openCommitter(db).commit([{ kind: 'unit', unit: { changes, guards: [] }, now: at(0) }]);
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

  it.each(searches.flatMap(([type, query]) => [20_000, -1].map((small) => [type, query, small] as const)))(
    '%s?%s (gathering %d)',
    (type, query, smallSet) => {
      const parsed = parse(type, query);
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
      const seen: Seen = { statements: [], plans: [] };
      const { filter, sort } = parsed.request;
      const reader = openReader(explaining(db, seen), smallSet);
      const { matches } = searchPage(reader, { types: [type], filter, sort, count: 1 });
      expect(matches.length).toBeGreaterThan(0);
      const walks = (plan: string) =>
        walksParam.test(plan) || (plan.startsWith('SCAN') && !harmless.test(plan));
      expect(seen.plans.filter(walks)).toEqual([]);
      // A statement with a bound LIMIT is planned anew at every run.
      expect(seen.statements.filter((sql) => /LIMIT \?/.test(sql))).toEqual([]);
    },
  );
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
