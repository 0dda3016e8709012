import { ofSeveral } from './home.ts';
import type { Concerned, Person } from './person.ts';

/**
 * Stands in a document from its write until the marks are drawn that the write may have changed. It is part of the
 * document that is the commit, so no crash can part the two.
 */
export type Open = {
  /** Names what opened it. */
  readonly by: string;
  /** The Patients who may bear other marks from then on, or whose document this is; `*` when it is one of several. */
  readonly persons: readonly (Person | typeof ofSeveral)[];
  /** The marks that are given or taken; `*`, any, as long as this very document is not drawn. */
  readonly marks: readonly string[];
};

/** Among `marks`: the document itself is to be drawn, whatever it bears. */
export const anyMark = '*';

/** Among `marks`: who is whose alias has changed, so any mark of all these people may have. */
export const allMarks = '**';

type Giving = Concerned & {
  readonly live: boolean;
  readonly marks: readonly string[];
  /** Of a source: the person to whom it belongs. */
  readonly belongs?: Person;
};

type Former = Concerned & {
  readonly marks?: readonly string[];
  readonly belongs?: Person;
  readonly open?: Open;
};

/** What a write leaves open that puts `next` in the place of `former`; undefined when nobody's marks can have changed. */
export function openBy(by: string, next: Giving, former: Former | undefined): Open | undefined {
  const told = toldBy(next, former);
  const [own, ...others] = next.live ? (next.patients ?? []) : [];
  const itself = own && { person: others.length === 0 ? own : (ofSeveral as typeof ofSeveral) };
  const moved = movedBy(next, former);
  // What an earlier write left open is not forgotten.
  const persons = new Set<Open['persons'][number]>([
    ...(former?.open?.persons ?? []).filter((person) => person !== ofSeveral),
    ...told.persons,
    ...moved,
    ...(itself ? [itself.person] : []),
  ]);
  if (persons.size === 0) return undefined;
  const carried = (former?.open?.marks ?? []).filter((mark) => mark !== anyMark);
  const marks = new Set([
    ...carried,
    ...told.marks,
    ...(itself ? [anyMark] : []),
    ...(moved.length > 0 ? [allMarks] : []),
  ]);
  return { by, persons: [...persons], marks: [...marks] };
}

/** The source that belongs to somebody else now, and to whom it did and does: all their aliases are to be drawn. */
function movedBy(next: Giving, former: Former | undefined): readonly Person[] {
  if (next.belongs === former?.belongs) return [];
  const persons = [former?.belongs, next.belongs].filter((person) => person !== undefined);
  return [...(next.patients ?? []), ...persons];
}

type Told = { readonly persons: readonly Person[]; readonly marks: readonly string[] };

/** Of whom something is said that was not said before, or the other way round, and what. */
function toldBy(next: Giving, former: Former | undefined): Told {
  const [had, has] = [new Set(former?.marks ?? []), new Set(next.marks)];
  const before = had.size > 0 ? (former?.patients ?? []) : [];
  const after = has.size > 0 ? (next.patients ?? []) : [];
  const persons = differing(before, after);
  if (persons.length > 0) {
    const isSame = differing([...had], [...has]).length === 0;
    return { persons: isSame ? persons : [...before, ...after], marks: [...had, ...has] };
  }
  const marks = differing([...had], [...has]);
  return { persons: marks.length > 0 ? after : [], marks };
}

/** What stands in one of the two only. */
function differing<Value extends string>(a: readonly Value[], b: readonly Value[]): readonly Value[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...a.filter((one) => !inB.has(one)), ...b.filter((one) => !inA.has(one))];
}
