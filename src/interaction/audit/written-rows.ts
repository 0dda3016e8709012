import type { AuditAction, AuditRow } from '../../store/contract/audit.ts';
import type { Change, StoredVersion } from '../../store/contract/store.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { InteractionContext } from '../context.ts';
import type { WritePlan } from '../write-plan.ts';
import { agentOf, isTold, purposeOf } from './audit-agent.ts';
import { addPatientsIn } from './patients-in.ts';

type Written = { readonly change: Change; readonly current?: StoredVersion };

/** What is told of a commit, in its own unit: a row for all it creates, for all it changes, for all it deletes. */
export function rowsOfPlan(ctx: InteractionContext, plan: WritePlan): readonly AuditRow[] {
  const { audit: log, caller } = ctx;
  if (!log || !isTold(caller)) return [];
  const at = ctx.clock.now();
  const common = {
    at,
    agent: agentOf(caller),
    outcome: 0,
    ...(ctx.trail?.from !== undefined && { from: ctx.trail.from }),
    ...(ctx.trail?.query !== undefined && { query: ctx.trail.query }),
  } as const;
  const rows = [...groupsOf(plan)].map(([action, written]): AuditRow => {
    const patients = patientsOf(written, ctx.baseUrl);
    return {
      ...common,
      id: log.newId(at),
      action,
      interaction: interactions[action],
      what: written.map(({ change: { type, id, versionId } }) => ({ type, id, versionId })),
      patients: [...patients],
      ...purposeOf(caller, patients),
    };
  });
  const { opened } = plan;
  if (!opened) return rows;
  return [...rows, { ...common, id: log.newId(at), what: [], ...openingOf(opened) }];
}

type WrittenAction = Extract<AuditAction, 'C' | 'U' | 'D'>;

const interactions: Readonly<Record<WrittenAction, string>> = { C: 'create', U: 'update', D: 'delete' };

function groupsOf({ steps, added }: WritePlan): ReadonlyMap<WrittenAction, readonly Written[]> {
  const groups = new Map<WrittenAction, Written[]>();
  const add = (action: WrittenAction, written: Written) => {
    const group = groups.get(action);
    if (group) group.push(written);
    else groups.set(action, [written]);
  };
  for (const { change, current } of steps) {
    if (change) add(actionOf(change, current?.text !== undefined), { change, ...(current && { current }) });
  }
  for (const change of added) add(actionOf(change, change.expectedVersion > 0), { change });
  return groups;
}

function actionOf({ method }: Change, isThere: boolean): WrittenAction {
  if (method === 'DELETE') return 'D';
  return isThere ? 'U' : 'C';
}

/** Whose data is there now, and whose was: what is moved from one to another concerns both. */
function patientsOf(written: readonly Written[], baseUrl: string): ReadonlySet<ResourceId> {
  const patients = new Set<ResourceId>();
  for (const { change, current } of written) {
    for (const id of change.patients) patients.add(id);
    if (current) addPatientsIn(patients, current, baseUrl);
  }
  return patients;
}

/** A record that was opened stands out: who looked for one is told by the search as well. */
function openingOf({
  kind,
  patients,
  reason,
}: NonNullable<WritePlan['opened']>): Pick<AuditRow, 'action' | 'interaction' | 'patients'> &
  Partial<AuditRow> {
  const ids = patients as readonly ResourceId[];
  switch (kind) {
    case 'looked-up':
      return { action: 'E', interaction: 'look-up', patients: ids, purpose: 'TREAT' };
    case 'broken-glass':
      return {
        action: 'E',
        interaction: 'operation $break-glass',
        patients: ids,
        purpose: 'BTG',
        breakGlass: true,
        ...(reason !== undefined && { why: reason }),
      };
  }
}
