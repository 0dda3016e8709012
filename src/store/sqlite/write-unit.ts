import { allOf, type Filter } from '../../search/filter.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { Fit, Guard, WriteOutcome, WriteUnit } from '../contract/store.ts';
import { type CommitState, forgetUncommitted } from './commit-state.ts';
import type { PackedAudit } from './pack-audit.ts';
import { matchesAny } from './search.ts';
import { writeAudit } from './write-audit.ts';
import { isAsExpected, writeRecord } from './write-record.ts';
import { type Current, currentOf, writeChange } from './write-resource.ts';

/** All of the unit or nothing. What must fit is judged on what is written, so then it is taken back. */
export function writeUnit(state: CommitState, unit: Unit, now: EpochMs, audit?: PackedAudit): WriteOutcome {
  const outcome = writeFitting(state, unit, now);
  if (audit && outcome.kind === 'committed') writeAudit(state, audit);
  return outcome;
}

type Unit = Omit<WriteUnit, 'audit'>;

function writeFitting(state: CommitState, unit: Unit, now: EpochMs): WriteOutcome {
  const fits = unit.fits ?? [];
  if (fits.length === 0) return judgeAndWrite(state, unit, now);
  const { db, rows } = state;
  rows.flush();
  db.run('SAVEPOINT unit', []);
  const outcome = judgeAndWrite(state, unit, now);
  rows.flush();
  const fit = outcome.kind === 'committed' ? fits.findIndex((one) => !isFit(state, unit, one)) : -1;
  if (fit >= 0) {
    forgetUncommitted(state);
    db.run('ROLLBACK TO unit', []);
  }
  db.run('RELEASE unit', []);
  return fit < 0 ? outcome : { kind: 'unfit', fit };
}

function isFit({ reader }: CommitState, { changes }: Unit, { change, filter }: Fit): boolean {
  const written = changes[change];
  if (!written) throw new Error(`the unit has no change ${change} that could fit`);
  const own: Filter = { kind: 'id', anyOf: [written.id] };
  return matchesAny(reader, written.type, allOf([own, filter]));
}

/** Judges everything first and writes then, so that a refused unit has written nothing. */
function judgeAndWrite(state: CommitState, unit: Unit, now: EpochMs): WriteOutcome {
  const seen = new Map<string, Current>();
  for (const [i, change] of unit.changes.entries()) {
    const key = `${change.type}/${change.id}`;
    const current = seen.get(key) ?? currentOf(state, change);
    if (current.version !== change.expectedVersion) {
      return { kind: 'stale', change: i, currentVersion: current.version };
    }
    seen.set(key, { ...current, version: change.versionId });
  }
  const guard = unit.guards.findIndex((one) => !holds(state, one));
  if (guard >= 0) return { kind: 'guarded', guard };
  const records = unit.records ?? [];
  const record = records.findIndex((one) => !isAsExpected(state.db, one, now));
  if (record >= 0) return { kind: 'stale-record', record };
  const { reserved } = state;
  for (const change of unit.changes) {
    const key = `${change.type}/${change.id}`;
    // An earlier change of the unit may have referred to it and so made its row.
    const row = seen.get(key)?.row ?? (state.reserved > reserved ? currentOf(state, change).row : undefined);
    const written = writeChange(state, change, row);
    seen.set(key, { version: change.versionId, row: written });
  }
  for (const one of records) writeRecord(state.db, one, now);
  return { kind: 'committed' };
}

function holds({ reader, rows }: CommitState, guard: Guard): boolean {
  rows.flush();
  return 'noneMatch' in guard
    ? !matchesAny(reader, guard.type, guard.noneMatch)
    : matchesAny(reader, guard.type, guard.someMatch);
}
