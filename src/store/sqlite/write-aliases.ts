import type { Change } from '../contract/store.ts';
import { type CommitState, ridOf } from './commit-state.ts';
import { numberOf } from './connection.ts';

const findPerson = 'SELECT person FROM alias WHERE patient = ?';
const findSource = 'SELECT 1 FROM alias WHERE person = ? AND patient <> ?';
const putAlias = 'INSERT OR REPLACE INTO alias (patient, person) VALUES (?, ?)';
const dropAlias = 'DELETE FROM alias WHERE patient = ?';

/** Notes to whom a Patient belongs from now on. `isNew`: it was not there before, so it belonged to nobody. */
export function moveSource(
  state: CommitState,
  { type, person }: Pick<Change, 'type' | 'person'>,
  rid: number,
  isNew: boolean,
): void {
  if (type !== 'Patient' || (isNew && person === undefined)) return;
  const { db } = state;
  const next = person === undefined ? undefined : ridOf(state, 'Patient', person);
  const before = personSaid(state, rid);
  if (before === next) return;
  if (next === undefined) db.run(dropAlias, [rid]);
  else db.run(putAlias, [rid, next]);
  for (const one of [before, next, rid]) if (one !== undefined) standWithSources(state, one);
}

/** The person to whom it says that it belongs. */
function personSaid({ db }: CommitState, rid: number): number | undefined {
  const row = db.get(findPerson, [rid]);
  const person = row && numberOf(row, 'person');
  return person === rid ? undefined : person;
}

/** A person who has sources stands among them, unless it belongs to another itself. */
function standWithSources(state: CommitState, person: number): void {
  if (personSaid(state, person) !== undefined) return;
  const { db } = state;
  if (db.get(findSource, [person, person])) db.run(putAlias, [person, person]);
  else db.run(dropAlias, [person]);
}
