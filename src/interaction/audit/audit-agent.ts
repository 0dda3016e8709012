import type { Caller } from '../../access/caller.ts';
import type { RoleName } from '../../access/role-name.ts';
import type { AuditAgent, AuditRow } from '../../store/contract/audit.ts';
import type { ResourceId } from '../../values/resource-id.ts';

/** A caller of whom everything is told. */
export type ToldCaller = Extract<Caller, { readonly kind: 'token' | 'system' }>;

/** What the server does by itself is told by what made it do so; the command line is somebody. */
export function isTold(caller: Caller): caller is ToldCaller {
  return caller.kind === 'token' || (caller.kind === 'system' && caller.name.startsWith('cli:'));
}

/** The same object as long as the caller is, so that what is written of it is written once. */
export function agentOf(caller: ToldCaller): AuditAgent {
  const known = agents.get(caller);
  if (known) return known;
  const agent = toAgent(caller);
  agents.set(caller, agent);
  return agent;
}

const agents = new WeakMap<ToldCaller, AuditAgent>();

function toAgent(caller: ToldCaller): AuditAgent {
  if (caller.kind === 'system') return { name: caller.name };
  const { name, bearer, owner } = caller;
  return { name, ...bearer, ...(owner !== undefined && { organization: owner }) };
}

/** v3-ActReason: what an account of the role is there for. */
export const purposes: Readonly<Record<RoleName, string>> = {
  administrator: 'HSYSADMIN',
  'programme-staff': 'PUBHLTH',
  'site-administrator': 'HOPERAT',
  clinician: 'TREAT',
  'vaccine-coordinator': 'HOPERAT',
  'school-nurse': 'PUBHLTH',
  'board-of-health': 'PUBHLTH',
  auditor: 'HCOMPL',
  interface: 'TREAT',
  individual: 'PATRQT',
};

const unknown = {};
const byRole = Object.fromEntries(
  Object.entries(purposes).map(([role, purpose]) => [role, { purpose }]),
) as Readonly<Record<RoleName, { readonly purpose: string }>>;

/** Why it was seen or done, as far as it is known from who did it; and whether an opened record was among it. */
export function purposeOf(
  caller: ToldCaller,
  patients: Iterable<ResourceId>,
): Pick<AuditRow, 'purpose' | 'breakGlass'> {
  if (caller.kind === 'system') return unknown;
  const { bearer, brokenGlass } = caller;
  if (brokenGlass && brokenGlass.length > 0) {
    for (const id of patients) if (brokenGlass.includes(id)) return { purpose: 'BTG', breakGlass: true };
  }
  return bearer?.role === undefined ? unknown : byRole[bearer.role];
}
