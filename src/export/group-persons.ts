import { Problem } from '../fhir/problem.ts';
import { toLiteralReference } from '../fhir/reference.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { readStoredJson } from '../interaction/parse-stored.ts';
import { readResource } from '../interaction/read-resource.ts';
import { allOf, type Filter, not, nothing } from '../search/filter.ts';
import { type EpochMs, parseMsRange } from '../values/instant.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { type PersonStates, type Refreshed, refreshMembers } from './refresh-members.ts';

type Member = {
  readonly entity?: { readonly reference?: string };
  readonly inactive?: boolean;
  readonly period?: { readonly start?: string; readonly end?: string };
};

/** Up to so many members are named one by one, as they are at the request. */
const namedMembers = 500;

/**
 * Who belongs to the Group now, as a question to ask of a Patient. A Group that is made by criteria is refreshed before.
 * Throws 404 where the caller may not see it, and 403 where the client was not given it.
 */
export async function groupPersons(
  ctx: InteractionContext,
  id: ResourceId,
  states: PersonStates | undefined,
): Promise<Filter> {
  const stored = await readResource(ctx, { type: 'Group', id });
  requireGiven(ctx, id);
  return personsOf(ctx, await refreshMembers(ctx, stored, states));
}

/** A client that was registered with Groups exports none but these. */
function requireGiven({ caller }: InteractionContext, id: ResourceId): void {
  const given = caller.kind === 'token' ? caller.groups : undefined;
  if (given === undefined || given.includes(id)) return;
  throw new Problem('forbidden', `The client was not given Group/${id}`);
}

async function personsOf(ctx: InteractionContext, { group, isKept }: Refreshed): Promise<Filter> {
  const { member = [] } = await readStoredJson<{ readonly member?: readonly Member[] }>(group, ctx.pace);
  const now = ctx.clock.now();
  const active = new Set<string>();
  const past = new Set<string>();
  for (const one of member) {
    await ctx.pace();
    const target = toLiteralReference(one.entity?.reference ?? '', ctx.baseUrl);
    if (target.kind !== 'local' || target.type !== 'Patient') continue;
    (isActive(one, now) ? active : past).add(target.id);
  }
  if (active.size === 0) return nothing;
  if (active.size <= namedMembers || !isKept) return { kind: 'id', anyOf: [...active] };
  const isMember: Filter = {
    kind: 'has',
    type: 'Group',
    param: 'member',
    of: { kind: 'id', anyOf: [group.id] },
  };
  const gone = [...past].filter((id) => !active.has(id));
  return gone.length === 0 ? isMember : allOf([isMember, not({ kind: 'id', anyOf: gone })]);
}

/** R4 group.html: a member may have left, or have a period that is over or has not begun. */
function isActive({ inactive, period }: Member, now: EpochMs): boolean {
  if (inactive === true) return false;
  const start = parseMsRange(period?.start ?? '');
  const end = parseMsRange(period?.end ?? '');
  return !(start && start.first > now) && !(end && end.last < now);
}
