import type { CommitPosition, SnapshotSince } from '../store/contract/snapshot.ts';
import type { Store } from '../store/contract/store.ts';
import type { Clock } from '../values/clock.ts';
import { type EpochMs, formatInstant } from '../values/instant.ts';
import type { ExportPlan } from './export-plan.ts';
import type { PlannedExport } from './plan-export.ts';

/** The moments of earlier exports by the instants that were shown for them. A position outlasts no move to another store. */
const moments = 'export-moment';
const momentKeptMs = 400 * 24 * 3600 * 1000;

/** The export of the present moment, since the one that was asked for. */
export async function atThisMoment(
  store: Store,
  clock: Clock,
  { since: time, ...planned }: PlannedExport,
): Promise<Omit<ExportPlan, 'owner' | 'request'>> {
  const snapshot = await store.snapshot();
  const since = time === undefined ? undefined : await sinceOf(store, time);
  await keepMoment(store, clock, snapshot);
  return { ...planned, snapshot, ...(since && { since }) };
}

/** By the order of the commits where it is the moment of an earlier export: then nothing between the two is missed. */
async function sinceOf(store: Store, time: EpochMs): Promise<SnapshotSince> {
  const kept = await store.readRecord(moments, formatInstant(time));
  return kept ? { position: JSON.parse(kept.value) as CommitPosition } : { time };
}

async function keepMoment(
  store: Store,
  clock: Clock,
  { position, time }: ExportPlan['snapshot'],
): Promise<void> {
  const expires = (clock.now() + momentKeptMs) as EpochMs;
  const record = { collection: moments, key: formatInstant(time), value: JSON.stringify(position), expires };
  // Of two exports at one instant the earlier moment is safe for both.
  await store.writeRecords([{ kind: 'put', record, expected: { kind: 'absent' } }]);
}
