import type { Db } from 'mongodb';
import { expect } from 'vitest';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import type { Filter } from '../../src/search/filter.ts';
import { bearsMark, objectionMark } from '../../src/search/reach.ts';
import type { Change, Store } from '../../src/store/contract/store.ts';
import { type ResourceDocument, toDocument } from '../../src/store/mongo/documents.ts';
import type { Drawing } from '../../src/store/mongo/draw-several.ts';
import type { PersonDocument } from '../../src/store/mongo/persons.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { change, findAll } from '../contract/fixtures.ts';

export const types: readonly ResourceType[] = ['Group', 'Immunization', 'List', 'Patient'];

/** What somebody does with a resource; its version is what follows. */
export type Act = {
  readonly type: ResourceType;
  readonly id: string;
  /** Absent: it is deleted. */
  readonly says?: {
    readonly patients: readonly string[];
    readonly marks: readonly string[];
    /** Of a Patient: to whom it belongs. */
    readonly person?: string;
  };
};

export function resourcesOf(db: Db) {
  return db.collection<ResourceDocument>('resource');
}

export function drawingOf(db: Db): Drawing {
  return { resources: resourcesOf(db), persons: db.collection<PersonDocument>('person') };
}

/** The change that does it to what is there; undefined where there is nothing to delete. */
export function changeFor({ type, id, says }: Act, former: ResourceDocument | undefined): Change | undefined {
  const expected = former?.version ?? 0;
  const next = change({
    type,
    id,
    version: expected + 1,
    expected,
    method: says ? 'PUT' : 'DELETE',
    ...says,
  });
  if (says) return next;
  const { text: _, ...removal } = next;
  return former?.live ? removal : undefined;
}

/** As a process does that ends right after the commit. Answers with what it wrote and what was there. */
export async function writeAndDie(
  db: Db,
  act: Act,
): Promise<{ readonly written: ResourceDocument; readonly former?: ResourceDocument } | undefined> {
  const _id = `${act.type}/${act.id}`;
  const former = (await resourcesOf(db).findOne({ _id })) ?? undefined;
  const next = changeFor(act, former);
  if (!next) return undefined;
  const written = toDocument(next, `w${Math.random()}`, former);
  if (!former) await resourcesOf(db).insertOne(written);
  else await resourcesOf(db).replaceOne({ _id, version: former.version, patient: former.patient }, written);
  return { written, ...(former && { former }) };
}

/** Writes until nobody else is first. */
export async function write(db: Db, store: Store, act: Act): Promise<void> {
  for (;;) {
    const former = await resourcesOf(db).findOne({ _id: `${act.type}/${act.id}` });
    const next = changeFor(act, former ?? undefined);
    if (!next || (await store.write({ changes: [next], guards: [] })).kind === 'committed') return;
  }
}

/** Holds what the store answers of these people against what the documents themselves say. */
export async function expectRight(db: Db, store: Store, people: readonly string[]): Promise<void> {
  const documents = await documentsOf(db, people);
  const borne = borneBy(documents);
  // Each search settles only what it asks for, so the one that asks for all comes last.
  for (const mark of new Set([
    'care|A',
    'dose|X',
    'roster|G',
    objectionMark,
    'objects|2026',
    ...[...borne.values()].flatMap((some) => [...some]),
  ])) {
    await expectBearing(store, documents, borne, mark);
  }
  const marks = await store.marksOf(people as readonly ResourceId[]);
  for (const id of people) {
    const expected = [...(borne.get(`Patient/${id}`) ?? [])].sort();
    expect([...(marks.get(id) ?? [])].sort(), `Patient/${id} bears`).toEqual(expected);
  }
}

async function expectBearing(
  store: Store,
  documents: readonly ResourceDocument[],
  borne: ReadonlyMap<string, ReadonlySet<string>>,
  mark: string,
): Promise<void> {
  const expected = documents.filter((document) => bears(document, borne, mark)).map(({ _id }) => _id);
  const ids = documents.map(({ _id }) => _id.slice(_id.indexOf('/') + 1));
  const of: readonly Filter[] = [
    { kind: 'id', anyOf: ids },
    { kind: 'reach', anyOf: [mark] },
  ];
  const found = await findAll(store, { types, filter: { kind: 'and', of }, sort: [], count: 50 });
  expect(found.toSorted(), mark).toEqual(expected.toSorted());
}

async function documentsOf(db: Db, people: readonly string[]): Promise<readonly ResourceDocument[]> {
  const persons = people.map((id) => `Patient/${id}`);
  const found = await resourcesOf(db)
    .find({ patients: { $in: persons }, live: 1 } as object)
    .toArray();
  return found.toSorted((a, b) => (a._id < b._id ? -1 : 1));
}

function borneBy(documents: readonly ResourceDocument[]): ReadonlyMap<string, ReadonlySet<string>> {
  const borne = new Map<string, Set<string>>();
  for (const document of documents) {
    for (const person of document.patients ?? []) {
      borne.set(person, new Set([...(borne.get(person) ?? []), ...(document.marks ?? [])]));
    }
  }
  return byAliases(documents, borne);
}

/** What one alias is given all bear: those that say, or are, the same person. */
function byAliases(
  documents: readonly ResourceDocument[],
  given: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const said = new Map<string, string | undefined>(documents.map(({ _id, belongs }) => [_id, belongs]));
  const personOf = (one: string) => said.get(one) ?? one;
  const named = documents.flatMap(({ patients = [], belongs = [] }) => [...patients, belongs].flat());
  const people = new Set<string>([...given.keys(), ...named]);
  return new Map(
    [...people].map((one) => {
      const aliases = [...people].filter((other) => personOf(other) === personOf(one));
      return [one, new Set(aliases.flatMap((alias) => [...(given.get(alias) ?? [])]))];
    }),
  );
}

function bears(
  document: ResourceDocument,
  borne: ReadonlyMap<string, ReadonlySet<string>>,
  mark: string,
): boolean {
  const persons = document.patients ?? [];
  return bearsMark(mark, persons, (person) => borne.get(person)?.has(mark) ?? false);
}
