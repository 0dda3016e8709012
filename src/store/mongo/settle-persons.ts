import { randomUUID } from 'node:crypto';
import type { AnyBulkWriteOperation, Document } from 'mongodb';
import { markingTypes } from '../../search/reach.ts';
import { aliasesIn, type Bonds, bondsOf, wholeAmong, withRelatives } from './bonds.ts';
import type { ResourceDocument } from './documents.ts';
import { type Drawing, drawSeveral } from './draw-several.ts';
import { ofSeveral } from './home.ts';
import { anyMark } from './open.ts';
import { findOpen } from './open-documents.ts';
import { isPerson, type Person } from './person.ts';
import { endTurns, keepMarks, marksOfSeveral, type Turns, takeTurns } from './persons.ts';

/**
 * Finds out what these Patients and their aliases bear, draws it into all documents that concern them, and closes what was open
 * of them. It may be broken off anywhere and be done by several at once: what is open is closed last, and of two the one with
 * the later turn wins, who has read later. Where somebody else has a later turn, nothing is done: it is theirs to do. Who is
 * whose alias is read last, so a person of whom one relative came or went meanwhile is left to who takes all their turns.
 */
export async function settlePersons(drawing: Drawing, asked: readonly Person[]): Promise<void> {
  const by = randomUUID();
  const open = await stillOpen(drawing, asked);
  const people = withRelatives(open, await bondsOf(drawing.resources, open));
  const turns = await takeTurns(drawing.persons, people, by);
  if (turns.size === 0) return;
  const found = await documentsOf(drawing, [...turns.keys()]);
  const bonds = await bondsOf(drawing.resources, turns.keys());
  const whole = wholeAmong(new Set(turns.keys()), bonds);
  const taken = new Map([...turns].filter(([person]) => whole.has(person)));
  const marks = borneByAliases(marksGiven(found, taken), taken, bonds);
  const kept = await keepMarks(drawing.persons, taken, by, (person) => [...(marks.get(person) ?? [])]);
  const mine = wholeAmong(new Set(kept), bonds);
  if (mine.size === 0) return;
  const settling: Settling = { turns: taken, marks, mine, found };
  await drawAlone(drawing, settling);
  for (const document of await changedSeveral(drawing, settling)) await drawSeveral(drawing, document);
  await closeOpen(drawing, settling);
  await endTurns(drawing.persons, taken, [...mine], by);
}

/** What one alias is given, all bear. */
function borneByAliases(given: Marks, of: Turns, bonds: Bonds): Marks {
  if (bonds.size === 0) return given;
  const aliases = aliasesIn(bonds);
  const borne = new Map<Person, ReadonlySet<string>>();
  for (const person of of.keys()) {
    borne.set(person, new Set(aliases(person).flatMap((alias) => [...(given.get(alias) ?? [])])));
  }
  return borne;
}

/** Others may have settled some of them by now. */
async function stillOpen({ resources }: Drawing, asked: readonly Person[]): Promise<readonly Person[]> {
  const open = await findOpen(resources, { persons: asked }, { open: 1 });
  const persons = new Set<string>(open.flatMap((document) => document.open?.persons ?? []));
  return asked.filter((person) => persons.has(person));
}

type Found = Pick<ResourceDocument, '_id' | 'patient' | 'patients' | 'marks' | 'live' | 'open'>;
type Marks = ReadonlyMap<Person, ReadonlySet<string>>;
type Settling = {
  readonly turns: Turns;
  readonly marks: Marks;
  /** Of whom nobody has a later turn. */
  readonly mine: ReadonlySet<Person>;
  readonly found: readonly Found[];
};

const needed = { patient: 1, patients: 1, marks: 1, live: 1, open: 1 } as const;

/**
 * What says something of them, and what is open of them. Each document counts as it was read once: what it is closed of
 * is then what was taken in.
 */
async function documentsOf({ resources }: Drawing, persons: readonly Person[]): Promise<readonly Found[]> {
  const found = await Promise.all([
    resources.find({ patients: { $in: persons }, ...saying } as Document, { projection: needed }).toArray(),
    findOpen(resources, { persons }, needed),
  ]);
  return [...new Map(found.flat().map((document) => [document._id, document])).values()];
}

/** What says where people belong. */
export const saying = { type: { $in: markingTypes }, live: 1 as const, marks: { $exists: true } };

function marksGiven(found: readonly Found[], of: Turns): Marks {
  const given = new Map<Person, Set<string>>();
  for (const document of found) {
    const { live, marks = [] } = document;
    if (!live || marks.length === 0) continue;
    for (const person of (document.patients ?? []).filter((one) => of.has(one))) {
      given.set(person, new Set([...(given.get(person) ?? []), ...marks]));
    }
  }
  return given;
}

/** What concerns one Patient alone, apart from what is drawn when it is closed. */
async function drawAlone({ resources }: Drawing, settling: Settling): Promise<void> {
  const later = drawnWhenClosed(settling);
  const ops = [...settling.mine].map((person): AnyBulkWriteOperation<ResourceDocument> => {
    const ids = (later.get(person) ?? []).map(({ _id }) => _id);
    const bears = [...(settling.marks.get(person) ?? [])];
    const drawn = settling.turns.get(person)?.turn ?? 0;
    return {
      updateMany: {
        filter: { ...alone(person, drawn), ...(ids.length > 0 && { _id: { $nin: ids } }) } as Document,
        update:
          bears.length > 0 ? { $set: { drawn, bears } } : { $set: { drawn }, $unset: { bears: '' as const } },
      },
    };
  });
  await resources.bulkWrite(ops, { ordered: false });
}

/** What nobody with a later turn has drawn. */
function alone(person: Person, turn: number): Document {
  return { patient: person, patients: person, live: 1, drawn: { $not: { $gte: turn } } };
}

/**
 * What is open of a Patient alone of whom this is the first turn, so that each document is written once. Later on a
 * writer may still hold the marks of the turn before: what is drawn already and not closed yet is kept from it.
 */
function drawnWhenClosed({ found, mine, turns }: Settling): ReadonlyMap<Person, readonly Found[]> {
  const byPerson = new Map<Person, Found[]>();
  for (const document of found) {
    const [person, ...others] = document.patients ?? [];
    if (!document.live || !person || others.length > 0 || turns.get(person)?.turn !== 1) continue;
    if (!mine.has(person) || !isClosable(document, mine)) continue;
    byPerson.set(person, [...(byPerson.get(person) ?? []), document]);
  }
  return byPerson;
}

function isClosable({ open }: Found, mine: ReadonlySet<string>): boolean {
  return open?.persons.every((person) => mine.has(person)) ?? false;
}

/**
 * What concerns several, and may bear other marks than before. It is looked for after the marks are kept: what is
 * written later is drawn by who reads them.
 */
async function changedSeveral(
  { resources, persons }: Drawing,
  settling: Settling,
): Promise<readonly Several[]> {
  const changed: Several[] = [];
  const others = new Set([...settling.mine].filter((person) => isOther(changeOf(settling, person))));
  if (others.size === 0) return [];
  const filter: Document = { patients: { $in: [...others] }, patient: ofSeveral, live: 1 };
  const several = resources.find(filter, { projection: { patient: 1, patients: 1 } });
  for await (const document of several) {
    const of = document.patients ?? [];
    const changes = of
      .filter((person) => settling.mine.has(person))
      .map((person) => changeOf(settling, person));
    const gained = [...new Set(changes.flatMap((change) => change.gained))];
    const isLess = changes.some((change) => change.isLess);
    if (isLess || (gained.length > 0 && (await marksOfSeveral(persons, of, gained)).length > 0)) {
      changed.push({ _id: document._id, patient: document.patient });
    }
  }
  return changed;
}

type Several = Pick<ResourceDocument, '_id' | 'patient'>;

type MarkChange = {
  readonly gained: readonly string[];
  /** Something was lost, or may have been. */
  readonly isLess: boolean;
};

function isOther({ gained, isLess }: MarkChange): boolean {
  return isLess || gained.length > 0;
}

function changeOf({ turns, marks }: Settling, person: Person): MarkChange {
  const has = [...(marks.get(person) ?? [])];
  const before = turns.get(person)?.before;
  return {
    gained: has.filter((mark) => !before?.includes(mark)),
    isLess: !before?.every((mark) => has.includes(mark)),
  };
}

/** A document that was written meanwhile stays open: it names another write. */
async function closeOpen({ resources }: Drawing, settling: Settling): Promise<void> {
  const alone = drawnWhenClosed(settling);
  const closed = new Set([...alone.values()].flat());
  const others = settling.found.filter((document) => document.open && !closed.has(document));
  const partly = others.filter((document) => !isClosable(document, settling.mine));
  const ops = [
    ...[...alone].map(([person, documents]) => closing(settling, person, documents)),
    ...others.map((document) => closingFor(document, settling.mine)),
  ];
  if (ops.length > 0) await resources.bulkWrite(ops, { ordered: false });
  if (partly.length === 0) return;
  await closeEmptied(
    resources,
    partly.map(({ _id }) => _id),
  );
}

/** What bears nothing any more, or what others have to settle too: of that the rest stays open. */
function closingFor(document: Found, mine: ReadonlySet<Person>): AnyBulkWriteOperation<ResourceDocument> {
  const { _id, patient, open } = document;
  const filter: Document = { _id, patient, 'open.by': open?.by };
  if (isClosable(document, mine)) return { updateOne: { filter, update: { $unset: { open: '' } } } };
  const isDrawn = isPerson(patient) && mine.has(patient);
  const pulled = { 'open.persons': [...mine], ...(isDrawn && { 'open.marks': [anyMark] }) };
  return { updateOne: { filter, update: { $pullAll: pulled } as Document } };
}

function closing(
  { turns, marks }: Settling,
  person: Person,
  documents: readonly Found[],
): AnyBulkWriteOperation<ResourceDocument> {
  const drawn = turns.get(person)?.turn ?? 0;
  const bears = [...(marks.get(person) ?? [])];
  const isThis = { $in: ['$open.by', documents.map(({ open }) => open?.by ?? '')] };
  const update = {
    drawn,
    bears: bears.length > 0 ? { $literal: bears } : '$$REMOVE',
    open: { $cond: [isThis, '$$REMOVE', '$open'] },
  };
  const filter = { ...alone(person, drawn), _id: { $in: documents.map(({ _id }) => _id) } };
  return { updateMany: { filter: filter as Document, update: [{ $set: update }] } };
}

/** Of which the last Patient was settled. */
async function closeEmptied(resources: Drawing['resources'], ids: readonly string[]): Promise<void> {
  await resources.updateMany({ _id: { $in: ids }, 'open.persons': { $size: 0 } } as Document, {
    $unset: { open: '' },
  });
}
