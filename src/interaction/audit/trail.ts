import type { AuditAction, AuditedKey, AuditOutcome, AuditRow } from '../../store/contract/audit.ts';
import type { ResourceKey, StoredVersion } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { Mutable } from '../../values/mutable.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { agentOf, purposeOf, type ToldCaller } from './audit-agent.ts';
import type { AuditLog } from './audit-log.ts';
import { addPatientsIn } from './patients-in.ts';

/** What is known of a request when it begins. */
export type TrailStart = {
  readonly interaction: string;
  readonly action: AuditAction;
  /** The address it came from. */
  readonly from?: string | undefined;
  readonly query?: string | undefined;
  /** What the query tells is told whatever is asked for on its behalf. */
  readonly keepsQuery?: true;
  /** The resource that was asked for: told where none was seen. */
  readonly asked?: ResourceKey | undefined;
  /** A write tells of itself in its own unit. */
  readonly tellsItself?: boolean;
};

/** What one request leaves: it gathers what the request was shown. */
export type Trail = Pick<TrailStart, 'from' | 'query'> & {
  /** These were shown. */
  readonly note: (versions: readonly StoredVersion[]) => void;
  /** These rows of the audit itself were shown. */
  readonly noteRows: (rows: readonly AuditRow[]) => void;
  /** What was asked is known only now: the entries of a Bundle. */
  readonly ask: (query: string) => void;
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

/** What is done for each request is written without spreads, which V8 is slow with. */
export function openTrail(world: TrailWorld, begun: TrailStart): Trail {
  let start = begun;
  const seen: Seen = { keys: [], known: undefined, patients: undefined };
  let isTold = false;
  const leave = (outcome: AuditOutcome) => {
    leaveRow(world, start, seen, outcome);
    seen.keys = [];
    seen.known = undefined;
    seen.patients = undefined;
  };
  return {
    from: start.from,
    query: start.query,
    note: (versions) => {
      for (const version of versions) {
        addSeen(seen, version, world.baseUrl);
        if (isFull(seen)) leave(0);
      }
    },
    noteRows: (rows) => {
      for (const { id, patients } of rows) {
        addKey(seen, { type: 'AuditEvent', id: id as string as ResourceId });
        seen.patients ??= new Set();
        for (const patient of patients) seen.patients.add(patient);
        if (isFull(seen)) leave(0);
      }
    },
    ask: (query) => {
      if (!start.keepsQuery) start = { ...start, query };
    },
    noteCommit: () => {
      isTold = start.tellsItself === true;
    },
    end: (outcome) => {
      if (!isTold || outcome !== 0) leave(outcome);
    },
  };
}

/** Where no request is known that it belongs to, each look that shows something leaves a row by itself. */
export function loneTrail(world: TrailWorld): Pick<Trail, 'note' | 'noteRows'> {
  const alone = (shown: readonly unknown[], work: (trail: Trail) => void) => {
    if (shown.length === 0) return;
    const trail = openTrail(world, { interaction: 'read', action: 'R' });
    work(trail);
    trail.end(0);
  };
  return {
    note: (versions) => alone(versions, (trail) => trail.note(versions)),
    noteRows: (rows) => alone(rows, (trail) => trail.noteRows(rows)),
  };
}

type Seen = {
  keys: AuditedKey[];
  /** The keys as texts, once there are many. */
  known: Set<string> | undefined;
  patients: Set<ResourceId> | undefined;
};

/** So many are looked through one by one. */
const fewKeys = 8;

function isFull({ keys, patients }: Seen): boolean {
  return keys.length >= mostKeys || (patients !== undefined && patients.size >= mostPatients);
}

function addSeen(seen: Seen, version: StoredVersion, baseUrl: string): void {
  const { type, id, versionId } = version;
  addKey(seen, { type, id, versionId });
  seen.patients ??= new Set();
  addPatientsIn(seen.patients, version, baseUrl);
}

/** Each once. */
function addKey(seen: Seen, key: AuditedKey): void {
  const { keys } = seen;
  if (keys.length < fewKeys) {
    for (const one of keys) if (isSame(one, key)) return;
    keys.push(key);
    return;
  }
  seen.known ??= new Set(keys.map(nameOf));
  const name = nameOf(key);
  if (seen.known.has(name)) return;
  seen.known.add(name);
  keys.push(key);
}

function isSame(one: AuditedKey, other: AuditedKey): boolean {
  return one.id === other.id && one.type === other.type && one.versionId === other.versionId;
}

function nameOf({ type, id, versionId }: AuditedKey): string {
  return `${type}/${id}/${versionId}`;
}

function leaveRow(
  { log, clock, caller }: TrailWorld,
  { interaction, action, from, query, asked }: TrailStart,
  { keys, patients }: Seen,
  outcome: AuditOutcome,
): void {
  const at = clock.now();
  const concerned = patients ? [...patients] : [];
  const { purpose, breakGlass } = purposeOf(caller, concerned);
  const row: Mutable<AuditRow> = {
    id: log.newId(at),
    at,
    agent: agentOf(caller),
    action,
    interaction,
    what: keys.length === 0 && asked ? [{ type: asked.type, id: asked.id }] : keys,
    patients: concerned,
    outcome,
  };
  if (from !== undefined) row.from = from;
  if (query !== undefined) row.query = query;
  if (purpose !== undefined) row.purpose = purpose;
  if (breakGlass) row.breakGlass = breakGlass;
  log.append(row);
}
