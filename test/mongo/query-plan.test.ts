import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryQuery } from '../../src/store/contract/store.ts';
import type { HistoryDocument, ResourceDocument } from '../../src/store/mongo/documents.ts';
import { countVersions, historyPage, readOldVersion } from '../../src/store/mongo/history.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { PersonDocument } from '../../src/store/mongo/persons.ts';
import type { Reader } from '../../src/store/mongo/reader.ts';
import { countMatches, searchPage } from '../../src/store/mongo/search.ts';
import { openSettler } from '../../src/store/mongo/settler.ts';
import { at, change, key, write } from '../contract/fixtures.ts';
import { type Search, usualSearches } from '../contract/usual-searches.ts';
import { indexResource, parse, samples } from '../unit/search/search-world.ts';
import { lacks, noMongo, testMongo } from './test-mongo.ts';

const mongo = await testMongo();
const reason = mongo ? lacks.find((name) => name === 'explain-plan') : noMongo;

const searches: readonly Search[] = [
  ...usualSearches,
  ['Immunization', '_lastUpdated=gt2024&_sort=_lastUpdated'],
  ['Immunization', '_sort=-_lastUpdated'],
  ['Patient', 'name=smith'],
  ['Patient', 'name:contains=smi'],
  ['Patient', 'family:exact=Smith&birthdate=2020-03'],
  ['Patient', '_tag=urn:t|demo'],
  ['Patient', '_sort=family'],
  ['Observation', 'component-code-value-quantity=x$1'],
  ['Observation', 'value-quantity=gt99'],
];

if (!mongo || reason !== undefined) {
  it.skip(`searches walk no collection: ${reason}`, () => undefined);
} else {
  describe('searches walk no collection', () => {
    const url = mongo.freshUrl();
    const client = new MongoClient(url, { monitorCommands: true });
    const commands: Document[] = [];
    let reader: Reader;

    beforeAll(async () => {
      const store = await openMongoStore({ url });
      const changes = samples.map((sample) =>
        change({ type: sample.resourceType, id: sample.id, index: indexResource(sample) }),
      );
      const others = Array.from({ length: 500 }, (_, n) => change({ id: `n${n}` }));
      await write(store, ...changes, ...others);
      await write(store, change({ id: 'n1', version: 2 }));
      await store.close();
      client.on('commandStarted', ({ commandName, command }) => {
        if (['find', 'aggregate', 'count'].includes(commandName)) commands.push(command);
      });
      const resources = client.db().collection<ResourceDocument>('resource');
      const persons = client.db().collection<PersonDocument>('person');
      reader = {
        resources,
        persons,
        history: client.db().collection<HistoryDocument>('history'),
        settler: openSettler({ resources, persons }),
        sharded: false,
        smallSet: 1000,
      };
    });
    afterAll(() => client.close());

    /** The stages of every query that ran meanwhile. */
    async function stagesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
      commands.length = 0;
      await work();
      const stages = [];
      for (const command of [...commands]) stages.push(...stagesIn(await explain(command)));
      return stages;
    }

    async function explain(command: Document): Promise<Document> {
      const { find, aggregate } = command;
      const { filter, sort, limit, pipeline } = command;
      const asked = find === undefined ? { aggregate, pipeline, cursor: {} } : { find, filter, sort, limit };
      const known = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
      return client.db().command({ explain: known, verbosity: 'queryPlanner' });
    }

    it.each(searches)('%s?%s', async (type, query) => {
      const parsed = parse(type, query);
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
      const { filter, sort } = parsed.request;
      const stages = await stagesOf(async () => {
        const first = await searchPage(reader, { types: [type], filter, sort, count: 1 });
        if (first.next !== undefined) {
          await searchPage(reader, { types: [type], filter, sort, count: 1, after: first.next });
        }
        await countMatches(reader, [type], filter);
      });
      expect(stages).not.toContain('COLLSCAN');
      expect(stages.some((stage) => /IXSCAN|IDHACK|COUNT_SCAN|EOF/.test(stage))).toBe(true);
    });

    it.each<[string, Omit<HistoryQuery, 'count'>]>([
      ['of all', {}],
      ['of a type', { type: 'Patient' }],
      ['of a type since', { type: 'Patient', since: at(1) }],
      ['of a resource', key('Patient', 'n1')],
    ])('history %s', async (_, query) => {
      const stages = await stagesOf(async () => {
        await historyPage(reader, { ...query, count: 1 });
        await countVersions(reader, { ...query, count: 1 });
      });
      expect(stages).not.toContain('COLLSCAN');
    });

    it('an old version', async () => {
      const stages = await stagesOf(() => readOldVersion(reader, key('Patient', 'n1'), 1));
      expect(stages).not.toContain('COLLSCAN');
    });

    it('sees a walk where there is one', async () => {
      const stages = await stagesOf(() => reader.resources.find({ method: 'PUT' }).toArray());
      expect(stages).toContain('COLLSCAN');
    });
  });
}

/** Every `stage` of the winning plans, whatever else an engine tells. */
function stagesIn(explained: unknown): readonly string[] {
  if (typeof explained !== 'object' || explained === null) return [];
  return Object.entries(explained).flatMap(([name, value]) => {
    if (name === 'rejectedPlans' || name === 'command') return [];
    return name === 'stage' && typeof value === 'string' ? [value] : stagesIn(value);
  });
}
