import type { AuditAction, AuditedKey, AuditOutcome, AuditRow } from '../../store/contract/audit.ts';
import type { ResourceKey, StoredVersion } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { agentOf, purposeOf, type ToldCaller } from './audit-agent.ts';
import type { AuditLog } from './audit-log.ts';
import { addPatientsIn } from './patients-in.ts';

/** What is known of a request when it begins. */
export type TrailStart = {
  readonly interaction: string;
  readonly action: AuditAction;
  /** The address it came from. */
  readonly from?: string;
  readonly query?: string;
  /** The resource that was asked for: told where none was seen. */
  readonly asked?: ResourceKey;
  /** A write tells of itself in its own unit. */
  readonly tellsItself?: boolean;
};

/** What one request leaves: it gathers what the request was shown. */
export type Trail = Pick<TrailStart, 'from' | 'query'> & {
  /** These were shown. */
  readonly note: (versions: readonly StoredVersion[]) => void;
  /** These rows of the audit itself were shown. */
  readonly noteRows: (rows: readonly AuditRow[]) => void;
  /** A commit of the request was told in its own unit. */
  readonly noteCommit: () => void;
  /** The request is through: leaves its row, unless all of it was told. */
  readonly end: (outcome: AuditOutcome) => void;
};

export type TrailWorld = {
  readonly log: AuditLog;
  readonly clock: Clock;
  readonly baseUrl: string;
  readonly caller: ToldCaller;
};

/** So much is held before it is written: a request that goes through the whole registry leaves several rows. */
const mostPatients = 5000;
const mostKeys = 5000;

export function openTrail(world: TrailWorld, start: TrailStart): Trail {
  const { from, query } = start;
  const seen = openSeen();
  let isTold = false;
  const leave = (outcome: AuditOutcome) => {
    leaveRow(world, start, seen, outcome);
    seen.keys.clear();
    seen.patients.clear();
  };
  return {
    ...(from !== undefined && { from }),
    ...(query !== undefined && { query }),
    note: (versions) => {
      for (const version of versions) {
        addSeen(seen, version, world.baseUrl);
        if (isFull(seen)) leave(0);
      }
    },
    noteRows: (rows) => {
      for (const { id, patients } of rows) {
        seen.keys.set(id, { type: 'AuditEvent', id: id as string as ResourceId });
        for (const patient of patients) seen.patients.add(patient);
        if (isFull(seen)) leave(0);
      }
    },
    noteCommit: () => {
      isTold = start.tellsItself === true;
    },
    end: (outcome) => {
      if (!isTold || outcome !== 0) leave(outcome);
    },
  };
}

/** Where no request is known that it belongs to, each look leaves a row by itself. */
export function loneTrail(world: TrailWorld): Pick<Trail, 'note' | 'noteRows'> {
  const alone = (work: (trail: Trail) => void) => {
    const trail = openTrail(world, { interaction: 'read', action: 'R' });
    work(trail);
    trail.end(0);
  };
  return {
    note: (versions) => alone((trail) => trail.note(versions)),
    noteRows: (rows) => alone((trail) => trail.noteRows(rows)),
  };
}

type Seen = { readonly keys: Map<string, AuditedKey>; readonly patients: Set<ResourceId> };

function openSeen(): Seen {
  return { keys: new Map(), patients: new Set() };
}

function isFull({ keys, patients }: Seen): boolean {
  return patients.size >= mostPatients || keys.size >= mostKeys;
}

function addSeen({ keys, patients }: Seen, version: StoredVersion, baseUrl: string): void {
  const { type, id, versionId } = version;
  keys.set(`${type}/${id}/${versionId}`, { type, id, versionId });
  addPatientsIn(patients, version, baseUrl);
}

function leaveRow(
  { log, clock, caller }: TrailWorld,
  { interaction, action, from, query, asked }: TrailStart,
  { keys, patients }: Seen,
  outcome: AuditOutcome,
): void {
  const at = clock.now();
  const what = keys.size === 0 && asked ? [{ type: asked.type, id: asked.id }] : [...keys.values()];
  log.append({
    id: log.newId(at),
    at,
    agent: agentOf(caller),
    action,
    interaction,
    what,
    patients: [...patients],
    outcome,
    ...(from !== undefined && { from }),
    ...(query !== undefined && { query }),
    ...purposeOf(caller, patients),
  });
}
