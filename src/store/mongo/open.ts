import { ofSeveral } from './home.ts';
import type { Concerned, Person } from './person.ts';

/**
 * Stands in a document from its write until the marks are drawn that the write may have changed. It is part of the
 * document that is the commit, so no crash can part the two.
 */
export type Open = {
  /** Names what opened it. */
  readonly by: string;
  /** The Patients whose documents may bear other marks from then on; `*` when those of this very document of several. */
  readonly persons: readonly (Person | typeof ofSeveral)[];
};

type Giving = Concerned & {
  readonly live: boolean;
  readonly marks: readonly string[];
};

type Former = Concerned & {
  readonly marks?: readonly string[];
  readonly open?: Open;
};

/** What a write leaves open that puts `next` in the place of `former`; undefined when nobody's marks can have changed. */
export function openBy(by: string, next: Giving, former: Former | undefined): Open | undefined {
  // What an earlier write left open is not forgotten.
  const carried = (former?.open?.persons ?? []).filter((person) => person !== ofSeveral);
  const persons = new Set<Open['persons'][number]>([...carried, ...changedPersons(next, former)]);
  const [own, ...others] = next.live ? (next.patients ?? []) : [];
  if (own) persons.add(others.length === 0 ? own : ofSeveral);
  return persons.size === 0 ? undefined : { by, persons: [...persons] };
}

/** Those of whom it said something that it does not say any more, or the other way round. */
function changedPersons(next: Giving, former: Former | undefined): readonly Person[] {
  const before = former?.marks?.length ? (former.patients ?? []) : [];
  const after = next.marks.length > 0 ? (next.patients ?? []) : [];
  if (!isSameSet(next.marks, former?.marks ?? [])) return [...before, ...after];
  const [had, has] = [new Set(before), new Set(after)];
  return [...before.filter((person) => !has.has(person)), ...after.filter((person) => !had.has(person))];
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((mark) => b.includes(mark));
}
