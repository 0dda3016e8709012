import { randomUUID } from 'node:crypto';
import type { Document } from 'mongodb';
import { type Reindexed, StoreBusyError } from '../contract/store.ts';
import { requireFitting } from './document-size.ts';
import { belongingOf, documentKey, isSamePlace, type ResourceDocument } from './documents.ts';
import { homeOf } from './home.ts';
import { openBy } from './open.ts';
import { personOf } from './person.ts';
import type { Reader } from './reader.ts';
import { toValueFields } from './value-keys.ts';

const attempts = 20;
const needed = { keys: 0, spans: 0, tuples: 0 } as const;

/** Replaces what is drawn of a resource that still has the version; false when it has moved on. */
export async function reindex(reader: Reader, drawn: Reindexed): Promise<boolean> {
  const _id = documentKey(drawn);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const present = await reader.resources.findOne({ _id }, { projection: needed });
    if (present?.version !== drawn.versionId || !present.live) return false;
    const next = redrawn(present, drawn);
    requireFitting(next);
    // A shard key can be changed only by who names the present one; what is open may be settled meanwhile.
    const { version, patient, open } = present;
    const filter: Document = { _id, version, patient, 'open.by': open?.by ?? null };
    const { matchedCount } = await reader.resources.updateOne(filter, changed(present, next));
    if (matchedCount === 1) {
      await reader.settler.later(next, present);
      return true;
    }
  }
  throw new StoreBusyError(`${_id} was settled by others ${attempts} times in a row.`);
}

/** Where nothing changes that marks are drawn from, nothing is opened. */
function redrawn(present: ResourceDocument, next: Reindexed): ResourceDocument {
  const { type, id, index, patients, marks } = next;
  const place = { patient: homeOf({ type, id, patients }), patients: patients.map(personOf) };
  const { marks: _, belongs: __, bears, drawn, ...rest } = present;
  const isPlaced = isSamePlace(present, place);
  const belonging = belongingOf(next);
  const isSame =
    isPlaced &&
    present.belongs === belonging.belongs &&
    isSameList(present.marks, marks) &&
    (drawn !== undefined || patients.length === 0);
  const giving = { ...place, marks, live: true, ...belonging };
  const open = isSame ? present.open : openBy(randomUUID(), giving, present);
  return {
    ...rest,
    ...place,
    ...toValueFields(index),
    ...(marks.length > 0 && { marks }),
    ...belonging,
    ...(isPlaced && { ...(bears && { bears }), ...(drawn !== undefined && { drawn }) }),
    ...(open && { open }),
  };
}

function isSameList(a: readonly string[] = [], b: readonly string[]): boolean {
  return a.length === b.length && a.every((mark, i) => mark === b[i]);
}

const replaced = ['keys', 'spans', 'tuples', 'patient', 'patients', 'marks', 'belongs', 'open'] as const;

function changed(present: ResourceDocument, next: ResourceDocument): Document {
  const unset = replaced.filter((name) => next[name] === undefined && present[name] !== undefined);
  const moved = isSamePlace(present, next) ? [] : (['bears', 'drawn'] as const);
  const set = replaced.filter((name) => next[name] !== undefined);
  return {
    $set: Object.fromEntries(set.map((name) => [name, next[name]])),
    ...([...unset, ...moved].length > 0 && {
      $unset: Object.fromEntries([...unset, ...moved].map((name) => [name, ''])),
    }),
  };
}
