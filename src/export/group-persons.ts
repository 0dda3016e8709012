import { type Issue, Problem } from '../fhir/problem.ts';
import { toLiteralReference } from '../fhir/reference.ts';
import { everyId } from '../interaction/ask-persons.ts';
import type { InteractionContext, StoredResource } from '../interaction/context.ts';
import { readStoredJson } from '../interaction/parse-stored.ts';
import { readResource } from '../interaction/read-resource.ts';
import { allOf, anyOf, type Filter, not, nothing } from '../search/filter.ts';
import { ofAnyAlias } from '../search/of-persons.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import { type EpochMs, parseMsRange } from '../values/instant.ts';
import { holdsDay } from '../values/period-days.ts';
import type { ResourceId } from '../values/resource-id.ts';
import type { StatesOf } from './persons-in-states.ts';
import { type Refreshed, refreshMembers } from './refresh-members.ts';

type Member = {
  readonly entity?: { readonly reference?: string };
  readonly inactive?: boolean;
  readonly period?: { readonly start?: string; readonly end?: string };
};

/** Up to so many members are named one by one, as they are at the request. */
const namedMembers = 500;

/** Groups within Groups: so many at most, whichever way they lead to each other. */
const mostGroups = 100;

/** Who belongs to a Group, as a question to ask of a Patient. */
export type Members = {
  readonly persons: Filter;
  /** Groups that the question itself asks about, so that a change of them meanwhile changes its answer. */
  readonly watched: readonly WatchedGroup[];
  /** Of whom it cannot be said whether they belong to a Group. */
  readonly issues: readonly Issue[];
};

export type WatchedGroup = { readonly id: ResourceId; readonly versionId: number };

/**
 * Who belongs to the Group now, by itself or by a Group that is a member of it. A Group that is made by criteria is
 * refreshed before. Throws 404 where the caller may not see the Group, and 403 where the client was not given it; a member
 * that the caller may not see brings nobody.
 */
export async function groupPersons(
  ctx: InteractionContext,
  id: ResourceId,
  states: StatesOf | undefined,
): Promise<Members> {
  const stored = await readResource(ctx, { type: 'Group', id });
  requireGiven(ctx, id);
  const found: Members[] = [];
  const met = new Set<string>([id]);
  const waiting: StoredResource[] = [stored];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const refreshed = await refreshMembers(ctx, next, states);
    const { active, past, groups } = await membersOf(ctx, refreshed.group);
    found.push(await toMembers(ctx, refreshed, active, past));
    const unmet = groups.filter((one) => !met.has(one));
    for (const one of unmet) met.add(one);
    if (met.size > mostGroups) {
      throw new Problem('not-supported', `More than ${mostGroups} Groups belong to Group/${id}`);
    }
    waiting.push(...(await ctx.view.readMany(unmet.map((one) => ({ type: 'Group', id: one })))));
  }
  return {
    persons: anyOf(found.map(({ persons }) => persons)),
    watched: found.flatMap(({ watched }) => watched),
    issues: found.flatMap(({ issues }) => issues),
  };
}

/** A client that was registered with Groups exports none but these. */
function requireGiven({ caller }: InteractionContext, id: ResourceId): void {
  const given = caller.kind === 'token' ? caller.groups : undefined;
  if (given === undefined || given.includes(id)) return;
  throw new Problem('forbidden', `The client was not given Group/${id}`);
}

type Found = {
  readonly active: ReadonlySet<string>;
  readonly past: ReadonlySet<string>;
  readonly groups: readonly ResourceId[];
};

async function membersOf(ctx: InteractionContext, group: StoredResource): Promise<Found> {
  const { member = [] } = await readStoredJson<{ readonly member?: readonly Member[] }>(group, ctx.pace);
  const moment = { now: ctx.clock.now(), today: ctx.clock.today() };
  const active = new Set<string>();
  const past = new Set<string>();
  const groups: ResourceId[] = [];
  for (const one of member) {
    await ctx.pace();
    const target = toLiteralReference(one.entity?.reference ?? '', ctx.baseUrl);
    if (target.kind !== 'local') continue;
    if (target.type === 'Patient') (isActive(one, moment) ? active : past).add(target.id);
    else if (target.type === 'Group' && isActive(one, moment)) groups.push(target.id);
  }
  return { active, past, groups };
}

async function toMembers(
  { view }: InteractionContext,
  { group, isKept, issues }: Refreshed,
  active: ReadonlySet<string>,
  past: ReadonlySet<string>,
): Promise<Members> {
  if (active.size === 0) return { persons: nothing, watched: [], issues };
  if (active.size <= namedMembers || !isKept) {
    return { persons: { kind: 'id', anyOf: await everyId(view, [...active]) }, watched: [], issues };
  }
  const isMember: Filter = {
    kind: 'has',
    type: 'Group',
    param: 'member',
    of: { kind: 'id', anyOf: [group.id] },
  };
  const gone = [...past].filter((id) => !active.has(id));
  const isOf = (await view.hasAliases()) ? ofAnyAlias(isMember) : isMember;
  const persons = gone.length === 0 ? isOf : allOf([isOf, not({ kind: 'id', anyOf: gone })]);
  return { persons, watched: [{ id: group.id, versionId: group.versionId }], issues };
}

type Moment = { readonly now: EpochMs; readonly today: EpochDay };

/** R4 group.html: a member may have left, or have a period that is over or has not begun; a day is the registry's. */
function isActive({ inactive, period }: Member, { now, today }: Moment): boolean {
  const [start, end] = [instantOf(period?.start), instantOf(period?.end)];
  const days = { ...period, ...(start && { start: undefined }), ...(end && { end: undefined }) };
  if (inactive === true || !holdsDay(days, today)) return false;
  return !(start && start.first > now) && !(end && end.last < now);
}

/** Undefined of a day, month or year. */
function instantOf(text: string | undefined) {
  return text?.includes('T') ? parseMsRange(text) : undefined;
}
