import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { isBorneByOne } from '../../search/reach.ts';
import type { Person } from './person.ts';
import { isDuplicateKey } from './store-errors.ts';

/** The marks that a Patient bears, and who draws them into the documents that concern the Patient. */
export type PersonDocument = {
  readonly _id: Person;
  /** Counts those who set out to draw. */
  readonly turn: number;
  /** The last of them. */
  readonly by: string;
  /** The turn that was carried through; when it is the last one, `marks` and what is not open are right. */
  readonly drawn?: number;
  readonly marks?: readonly string[];
};

/** A turn to draw the marks of one Patient. */
export type Turn = {
  readonly turn: number;
  /** What the Patient bore before; undefined when somebody else was drawing. */
  readonly before: readonly string[] | undefined;
};

export type Turns = ReadonlyMap<Person, Turn>;

/**
 * Takes the next turn of each Patient, apart from those of whom somebody else took a later one meanwhile. What is read
 * afterwards has everything that was written before anybody could have seen the marks of an earlier turn as the last.
 */
export async function takeTurns(
  persons: Collection<PersonDocument>,
  of: readonly Person[],
  by: string,
): Promise<Turns> {
  if (of.length === 0) return new Map();
  const ops = of.map(
    (_id): AnyBulkWriteOperation<PersonDocument> => ({
      updateOne: { filter: { _id }, update: { $inc: { turn: 1 }, $set: { by } }, upsert: true },
    }),
  );
  try {
    await persons.bulkWrite(ops, { ordered: false });
  } catch (error) {
    // Two made the document of a Patient at once: the other one has the turn.
    if (!isDuplicateKey(error)) throw error;
  }
  const mine = await persons.find({ _id: { $in: of }, by }).toArray();
  return new Map(
    mine.map(({ _id, turn, drawn = 0, marks = [] }) => [
      _id,
      { turn, before: drawn === turn - 1 ? marks : undefined },
    ]),
  );
}

/** Keeps what the Patients bear; answers for whom, since of some another may have taken a later turn. */
export async function keepMarks(
  persons: Collection<PersonDocument>,
  turns: Turns,
  by: string,
  marksOf: (person: Person) => readonly string[],
): Promise<readonly Person[]> {
  const mine = [...turns.keys()];
  const ops = mine.map(
    (_id): AnyBulkWriteOperation<PersonDocument> => ({
      updateOne: { filter: { _id, by }, update: { $set: { marks: marksOf(_id) } } },
    }),
  );
  if (ops.length === 0) return [];
  const { matchedCount } = await persons.bulkWrite(ops, { ordered: false });
  if (matchedCount === ops.length) return mine;
  const still = await persons.find({ _id: { $in: mine }, by }, { projection: { _id: 1 } }).toArray();
  return still.map(({ _id }) => _id);
}

/** Says that the turns were carried through. */
export async function endTurns(
  persons: Collection<PersonDocument>,
  turns: Turns,
  of: readonly Person[],
  by: string,
): Promise<void> {
  const byTurn = new Map<number, Person[]>();
  for (const person of of) {
    const turn = turns.get(person)?.turn ?? 0;
    byTurn.set(turn, [...(byTurn.get(turn) ?? []), person]);
  }
  const ops = [...byTurn].map(
    ([turn, ids]): AnyBulkWriteOperation<PersonDocument> => ({
      updateMany: { filter: { _id: { $in: ids }, by }, update: { $set: { drawn: turn } } },
    }),
  );
  if (ops.length > 0) await persons.bulkWrite(ops, { ordered: false });
}

/** `isBorneByOne` as the database asks it. */
const anyBorneByOne = /^objects\|/;

/** So many are looked at first, and then at once: a few tell mostly that a group has nothing in common. */
const fewest = 20;
const most = 500;

/** The marks, `among` these if any are given, that what is about all of them bears. */
export async function marksOfSeveral(
  persons: Collection<PersonDocument>,
  of: readonly Person[],
  among?: readonly string[],
): Promise<readonly string[]> {
  const common = await commonMarks(
    persons,
    of,
    among?.filter((mark) => !isBorneByOne(mark)),
  );
  const borne = among?.some(isBorneByOne) === false ? [] : await borneByOne(persons, of, among);
  return [...common.filter((mark) => !isBorneByOne(mark)), ...borne];
}

/** Few persons bear any. */
async function borneByOne(
  persons: Collection<PersonDocument>,
  of: readonly Person[],
  among?: readonly string[],
): Promise<readonly string[]> {
  const bearing = { _id: { $in: [...of] }, marks: anyBorneByOne };
  const borne = new Set<string>();
  for await (const { marks = [] } of persons.find(bearing, { projection: { marks: 1 } })) {
    for (const mark of marks) if (isBorneByOne(mark) && (among?.includes(mark) ?? true)) borne.add(mark);
  }
  return [...borne];
}

async function commonMarks(
  persons: Collection<PersonDocument>,
  of: readonly Person[],
  among?: readonly string[],
): Promise<readonly string[]> {
  let common = among;
  for (let at = 0, end = fewest; at < of.length; at = end, end += most) {
    if (common?.length === 0) return [];
    const asked = of.slice(at, end);
    const found = await persons.find({ _id: { $in: asked } }, { projection: { marks: 1 } }).toArray();
    if (found.length < asked.length) return [];
    for (const { marks = [] } of found) common = common?.filter((mark) => marks.includes(mark)) ?? marks;
  }
  return common ?? [];
}
