import { expect, it } from 'vitest';
import { openTrail, type TrailStart } from '../../../../src/interaction/audit/trail.ts';
import type { AuditRow } from '../../../../src/store/contract/audit.ts';
import type { EpochMs } from '../../../../src/values/instant.ts';
import { callerFor } from '../../access/access-world.ts';

/** What is left of a request that begins so. */
function trailOf(start: Partial<TrailStart>) {
  const rows: AuditRow[] = [];
  const log = { append: (row: AuditRow) => rows.push(row), newId: () => 'row', room: () => undefined };
  const clock = { now: () => 5 as EpochMs };
  const world = { log: log as never, clock, baseUrl: 'http://jenner.test/fhir', caller: callerFor({}) };
  return { rows, trail: openTrail(world, { interaction: 'create', action: 'C', ...start }) };
}

it.each([
  ['once of a write that tells of itself', true, true, 0, []],
  ['of a write that did not come to a commit', true, false, 0, [0]],
  ['of what was refused after a commit', true, true, 4, [4]],
  ['of what broke after a commit', true, true, 8, [8]],
  ['of what only reads, though it wrote by the way', false, true, 0, [0]],
] as const)('a row is left %s', (_, tellsItself, isCommitted, outcome, left) => {
  const { rows, trail } = trailOf({ tellsItself });
  if (isCommitted) trail.noteCommit();
  trail.end(outcome);
  expect(rows.map((row) => row.outcome)).toEqual(left);
});
