import type { ResourceType } from '../../fhir/resource-type.ts';
import { everything, type Filter, nothing } from '../../search/filter.ts';
import type { Indexed } from '../../search/index-values.ts';
import { matches, type World } from '../../search/matches.ts';
import { bearsMark } from '../../search/reach.ts';
import type { Change, WriteUnit } from '../contract/store.ts';
import { aliasesIn, bondsOf } from './bonds.ts';
import { compileFilter } from './compile-filter.ts';
import { type DocumentKey, documentKey, typeOf } from './documents.ts';
import { matchQuery } from './find-page.ts';
import { type Person, personOf } from './person.ts';
import { type Reader, readOptions } from './reader.ts';
import { saying } from './settle-persons.ts';
import { keyOf, referencesIn } from './value-keys.ts';

/** What will be there once the unit is written: what it changes, as it says, and what is there. */
type After = { readonly reader: Reader; readonly written: ReadonlyMap<DocumentKey, Change> };

/** The first of the unit's fits that does not hold once it is written; undefined when all do. */
export async function findUnfit(
  reader: Reader,
  { changes, fits = [] }: WriteUnit,
): Promise<number | undefined> {
  const after: After = { reader, written: new Map(changes.map((change) => [documentKey(change), change])) };
  for (const [i, { change, filter }] of fits.entries()) {
    const asked = changes[change];
    if (!asked) throw new Error(`the unit has no change ${change} that could fit`);
    if (!(await willMatch(after, documentKey(asked), filter))) return i;
  }
  return undefined;
}

async function willMatch(after: After, key: DocumentKey, filter: Filter): Promise<boolean> {
  const own = await ownPart(after, key, filter);
  const change = after.written.get(key);
  if (change) return change.text !== undefined && matches(own, toIndexed(change), nobody);
  const { reader } = after;
  const type = typeOf(key);
  const where = compileFilter(own, type, new Map());
  if (where === 'none') return false;
  const query = { $and: [{ _id: key }, matchQuery(reader, { type, where })] };
  return (await reader.resources.findOne(query, { ...readOptions(reader), projection: { _id: 1 } })) !== null;
}

/** For what is left of a filter that asks of nothing else. */
const nobody: World = { find: () => undefined, all: () => [], marksOf: () => new Set(), aliasesOf: () => [] };

function toIndexed({ type, id, lastUpdated, index, patients, marks }: Change): Indexed {
  return { type, id, lastUpdated, index, patients, marks };
}

/** The filter with everything answered that other resources tell. */
async function ownPart(after: After, key: DocumentKey, filter: Filter): Promise<Filter> {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const of: Filter[] = [];
      for (const part of filter.of) of.push(await ownPart(after, key, part));
      return { kind: filter.kind, of };
    }
    case 'not':
      return { kind: 'not', of: await ownPart(after, key, filter.of) };
    case 'reach':
      return told(await bearsOneOf(after, key, filter.anyOf));
    case 'concerns':
      return told(await concernsOnlyThese(after, key, filter.anyOf));
    case 'chain':
      return told(await targetMatches(after, key, filter));
    case 'has':
      return told(await sourceMatches(after, key, filter));
    default:
      return filter;
  }
}

function told(holds: boolean): Filter {
  return holds ? everything : nothing;
}

async function bearsOneOf(after: After, key: DocumentKey, marks: readonly string[]): Promise<boolean> {
  const persons = await personsAfter(after, key);
  if (persons.length === 0) return false;
  const aliasesOf = await aliasesAfter(after, persons);
  const borne = await marksAfter(after, persons.flatMap(aliasesOf));
  return marks.some((mark) =>
    bearsMark(mark, persons, (person) =>
      aliasesOf(person).some((alias) => borne.get(alias)?.has(mark) ?? false),
    ),
  );
}

async function concernsOnlyThese(after: After, key: DocumentKey, ids: readonly string[]): Promise<boolean> {
  const persons = await personsAfter(after, key);
  if (persons.length === 0) return false;
  const aliasesOf = await aliasesAfter(after, persons);
  const asked = new Set(ids.map(personOf));
  return persons.every((person) => [person, ...aliasesOf(person)].some((alias) => asked.has(alias)));
}

/** Who is known as whom, as the documents that are there say it and the unit. */
async function aliasesAfter(
  { reader, written }: After,
  persons: readonly Person[],
): Promise<(person: Person) => readonly Person[]> {
  const sources = [...written].filter(([, { type }]) => type === 'Patient');
  const said = sources.flatMap(([key, { person }]): (readonly [Person, Person])[] =>
    person === undefined ? [] : [[key as Person, personOf(person)]],
  );
  const bonds = new Map(await bondsOf(reader.resources, [...persons, ...said.flat()], readOptions(reader)));
  for (const [key] of sources) bonds.delete(key as Person);
  for (const [source, person] of said) bonds.set(source, person);
  return aliasesIn(bonds);
}

async function personsAfter({ reader, written }: After, key: DocumentKey): Promise<readonly Person[]> {
  const change = written.get(key);
  if (change) return change.patients.map(personOf);
  const projection = { patients: 1 };
  const document = await reader.resources.findOne({ _id: key }, { ...readOptions(reader), projection });
  return document?.patients ?? [];
}

/** From what says it, since what is drawn does not know the unit. */
async function marksAfter(
  { reader, written }: After,
  persons: readonly Person[],
): Promise<ReadonlyMap<Person, ReadonlySet<string>>> {
  const borne = new Map<Person, Set<string>>(persons.map((person) => [person, new Set()]));
  const give = (to: readonly Person[], marks: readonly string[]) => {
    for (const person of to) for (const mark of marks) borne.get(person)?.add(mark);
  };
  const giving = { patients: { $in: [...persons] }, ...saying };
  const options = { ...readOptions(reader), projection: { patients: 1, marks: 1 } };
  for await (const { _id, patients = [], marks = [] } of reader.resources.find(giving, options)) {
    if (!written.has(_id)) give(patients, marks);
  }
  for (const { text, patients, marks } of written.values()) {
    if (text !== undefined) give(patients.map(personOf), marks);
  }
  return borne;
}

async function targetMatches(
  after: After,
  key: DocumentKey,
  { param, type, of }: Filter & { readonly kind: 'chain' },
): Promise<boolean> {
  for (const target of await targetsAfter(after, key, param)) {
    if (typeOf(target) === type && (await willMatch(after, target, of))) return true;
  }
  return false;
}

async function targetsAfter(
  { reader, written }: After,
  key: DocumentKey,
  param: string,
): Promise<readonly DocumentKey[]> {
  const change = written.get(key);
  if (change) return referencesOf(change, param);
  const projection = { keys: 1 };
  const document = await reader.resources.findOne({ _id: key }, { ...readOptions(reader), projection });
  return document ? referencesIn(document.keys, param) : [];
}

function referencesOf({ index }: Change, param: string): readonly DocumentKey[] {
  return (index[param] ?? []).flatMap((value) =>
    value.kind === 'reference' ? [`${value.type}/${value.id}`] : [],
  );
}

async function sourceMatches(
  after: After,
  key: DocumentKey,
  { param, type, of }: Filter & { readonly kind: 'has' },
): Promise<boolean> {
  const { reader, written } = after;
  for (const [source, change] of written) {
    const refers = change.type === type && referencesOf(change, param).includes(key);
    if (refers && (await willMatch(after, source, of))) return true;
  }
  const query = { type: type as ResourceType, live: 1 as const, keys: keyOf.referenceTo(param, key) };
  const found = reader.resources.find(query, { ...readOptions(reader), projection: { _id: 1 } });
  for await (const { _id } of found) {
    if (!written.has(_id) && (await willMatch(after, _id, of))) return true;
  }
  return false;
}
