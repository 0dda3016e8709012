import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { patientsOf } from '../../src/search/compartment.ts';
import { allOf, type Filter, type VersionFilter } from '../../src/search/filter.ts';
import { marksOf } from '../../src/search/reach.ts';
import type { Change, HistoryQuery } from '../../src/store/contract/store.ts';
import type { HistoryDocument, ResourceDocument } from '../../src/store/mongo/documents.ts';
import { countVersions, historyPage, readOldVersion } from '../../src/store/mongo/history.ts';
import { marksOf as marksOfPeople } from '../../src/store/mongo/marks-of.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { PersonDocument } from '../../src/store/mongo/persons.ts';
import type { Reader } from '../../src/store/mongo/reader.ts';
import { countMatches, searchPage } from '../../src/store/mongo/search.ts';
import { settlePersons } from '../../src/store/mongo/settle-persons.ts';
import { openSettler } from '../../src/store/mongo/settler.ts';
import { unplacedVersions } from '../../src/store/mongo/unplaced.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { at, change, key, reference, write } from '../contract/fixtures.ts';
import { type Search, usualSearches } from '../contract/usual-searches.ts';
import { indexResource, parse, samples } from '../unit/search/search-world.ts';
import { lacks, noMongo, testMongo } from './test-mongo.ts';

const concerns = (...anyOf: string[]): Filter => ({ kind: 'concerns', anyOf });
const concernsVersion = (...anyOf: string[]): VersionFilter => ({ kind: 'concerns', anyOf });
const reach = (...anyOf: string[]): Filter => ({ kind: 'reach', anyOf });
const ofPatient = (id: string): Filter => ({
  kind: 'value',
  param: 'patient',
  test: { kind: 'reference', anyOf: [{ type: 'Patient', id }] },
});

/** Of somebody whom one clinic of ten cares for. */
function doseOf(n: number): Change {
  const index = { patient: [reference('Patient', `n${n}`)] };
  return change({ type: 'Immunization', id: `n${n}`, patients: [`n${n}`], marks: [`care|${n % 10}`], index });
}

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
      const changes = samples.map((sample) => {
        const { resourceType: type, id } = sample;
        const index = indexResource(sample);
        const patients = patientsOf(type, id as ResourceId, index);
        return change({ type, id, index, patients, marks: marksOf(type, index, sample) });
      });
      const others = Array.from({ length: 500 }, (_, n) => doseOf(n));
      await write(store, ...changes, ...others);
      await write(store, change({ id: 'n1', version: 1 }));
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
      return (await plansOf(work)).stages;
    }

    async function plansOf(
      work: () => Promise<unknown>,
    ): Promise<Record<'stages' | 'indexes', readonly string[]>> {
      commands.length = 0;
      await work();
      const plans = [];
      for (const command of [...commands]) plans.push(await explain(command));
      return { stages: namesIn(plans, 'stage'), indexes: namesIn(plans, 'indexName') };
    }

    async function explain(command: Document): Promise<Document> {
      const { find, aggregate } = command;
      const { filter, sort, limit, hint, pipeline } = command;
      const asked =
        find === undefined ? { aggregate, pipeline, hint, cursor: {} } : { find, filter, sort, limit, hint };
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

    it.each<[string, ResourceType, Filter, string]>([
      ['whom it concerns', 'Immunization', concerns('n7'), 'patients'],
      ['several whom it concerns', 'Immunization', concerns('n7', 'n8'), 'patients'],
      ['reach', 'Immunization', reach('care|0'), 'reach'],
      ['reach by several marks', 'Immunization', reach('care|0', 'care|1'), 'reach'],
      ['reach of one patient', 'Immunization', allOf([ofPatient('n7'), reach('care|7')]), 'keys'],
      ['reach of one whom it concerns', 'Immunization', allOf([concerns('n7'), reach('care|7')]), 'patients'],
      [
        'reach on the other end of a chain',
        'Immunization',
        { kind: 'chain', param: 'patient', type: 'Patient', of: reach('care|0') },
        'reach',
      ],
    ])('%s', async (_, type, filter, index) => {
      const query = { types: [type], filter, sort: [], count: 3 };
      const plans = await plansOf(async () => {
        const first = await searchPage(reader, query);
        if (first.next !== undefined) await searchPage(reader, { ...query, after: first.next });
        await countMatches(reader, [type], filter);
      });
      expect(plans.stages).not.toContain('COLLSCAN');
      expect(plans.indexes).toContain(index);
      // An index to walk along leaves no other to do the work of the reach of one.
      if (index !== 'reach') expect(plans.indexes).not.toContain('reach');
    });

    it.each<[string, Omit<HistoryQuery, 'count'>]>([
      ['to one person', { only: concernsVersion('n7') }],
      ['to marks', { type: 'Immunization', only: { kind: 'reach', anyOf: ['care|0'] } }],
    ])('history restricted %s', async (_, query) => {
      const stages = await stagesOf(async () => {
        await historyPage(reader, { ...query, count: 2 });
        await countVersions(reader, { ...query, count: 0 });
      });
      expect(stages).not.toContain('COLLSCAN');
    });

    it('what is open, what people bear, and what is drawn of it', async () => {
      const stages = await stagesOf(async () => {
        await reader.settler.isAnythingOpen();
        await marksOfPeople(reader, ['Patient/n7']);
        await settlePersons({ resources: reader.resources, persons: reader.persons }, ['Patient/n7']);
        await unplacedVersions(reader, 5);
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

/** Everything called `name` in the winning plans, whatever else an engine tells. */
function namesIn(explained: unknown, name: string): readonly string[] {
  if (typeof explained !== 'object' || explained === null) return [];
  return Object.entries(explained).flatMap(([member, value]) => {
    if (member === 'rejectedPlans' || member === 'command') return [];
    return member === name && typeof value === 'string' ? [value] : namesIn(value, name);
  });
}
