import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf, anyOf, type Filter, not } from '../search/filter.ts';
import { isComputed } from '../search/person-link.ts';
import type { Change, ResourceKey } from '../store/contract/store.ts';
import type { CallerView } from './caller-view.ts';
import { type InteractionContext, withCaller } from './context.ts';
import { atEntry } from './parse-bundle.ts';
import { requireBuilt } from './search-request.ts';
import { isQuestion } from './task-system.ts';
import { changesOf, type PlannedGuard, type WritePlan } from './write-plan.ts';

/** They tell what happened, and stay true when what they speak of is gone. */
const recordsOfThePast: ReadonlySet<ResourceType> = new Set(['AuditEvent', 'Provenance']);

/** What is written by the registry alone, and with the delete. */
const ownOf: ReadonlyMap<ResourceType, Filter> = new Map([
  // A delete that a question stopped would tell that somebody is alike; what is open is closed with it.
  ['Task', isQuestion],
  // A person has what its sources refer to, and they count.
  ['Patient', isComputed],
]);

/** So many referrers the answer names. */
const maxNamed = 5;

/** `with`: the resource that a caller deletes, and with which this one goes. */
export type Deleted = ResourceKey & { readonly with?: ResourceKey };

/**
 * What must hold when the resources are deleted: nothing refers to them, as far as search parameters see references.
 * The resources of `unit`, which are written with the deletes, do not count. One guard a referring type. `blame` runs the
 * refusal of one of them where it belongs.
 */
export function referrerGuards(
  ctx: InteractionContext,
  deleted: readonly Deleted[],
  unit: readonly ResourceKey[],
  blame: (key: ResourceKey, refuse: () => Promise<void>) => Promise<void> = (_key, refuse) => refuse(),
): readonly PlannedGuard[] {
  if (ctx.deleteReferred === 'allow' || deleted.length === 0) return [];
  const refuse = async () => {
    for (const key of deleted) await blame(key, () => refuseReferred(ctx, key, unit));
  };
  return referrersOf(ctx, deleted, unit).map(({ type, filter }) => ({
    guard: { type, noneMatch: filter },
    refuse,
  }));
}

type Referrers = { readonly type: ResourceType; readonly filter: Filter };

function referrersOf(
  ctx: InteractionContext,
  deleted: readonly ResourceKey[],
  unit: readonly ResourceKey[],
): readonly Referrers[] {
  return [...ctx.searchParams.keys()].flatMap((type) => {
    const refers = recordsOfThePast.has(type) ? [] : referringFilters(ctx, type, deleted);
    requireBuilt(
      ctx,
      refers.flatMap((filter) => (filter.kind === 'value' ? [{ type, code: filter.param }] : [])),
    );
    if (refers.length === 0) return [];
    const own = unit.filter((key) => key.type === type).map(({ id }) => id);
    const others: readonly Filter[] = own.length === 0 ? [] : [not({ kind: 'id', anyOf: own })];
    const registrys = ownOf.get(type);
    return [{ type, filter: allOf([anyOf(refers), ...others, ...(registrys ? [not(registrys)] : [])]) }];
  });
}

function referringFilters(
  ctx: InteractionContext,
  type: ResourceType,
  deleted: readonly ResourceKey[],
): readonly Filter[] {
  const params = [...(ctx.searchParams.get(type)?.values() ?? [])].filter(
    (param) => param.type === 'reference',
  );
  return params.flatMap(({ code, target }): readonly Filter[] => {
    const within = deleted.filter((key) => target.length === 0 || target.includes(key.type));
    const patterns = within.map((key) => ({ type: key.type, id: key.id }));
    if (patterns.length === 0) return [];
    return [{ kind: 'value', param: code, test: { kind: 'reference', anyOf: patterns } }];
  });
}

/**
 * Throws the 409 of a delete that a guard stopped; returns when nobody refers any more. It names who refers as far as the
 * caller may see them, and tells of others only where there is nobody else who stops it.
 */
export async function refuseReferred(
  ctx: InteractionContext,
  key: Deleted,
  unit: readonly ResourceKey[],
): Promise<void> {
  if (ctx.deleteReferred === 'allow') return;
  const referrers = referrersOf(ctx, [key], unit);
  const seen = await firstReferrers(ctx.view, referrers, maxNamed + 1);
  if (seen.length > 0) throw referred(key, seen.slice(0, maxNamed).map(nameOf), seen.length > maxNamed);
  const whole = withCaller(ctx, { kind: 'system', name: 'referrers' }).view;
  if ((await firstReferrers(whole, referrers, 1)).length > 0) throw referred(key, [], true);
}

async function firstReferrers(
  view: CallerView,
  referrers: readonly Referrers[],
  most: number,
): Promise<readonly ResourceKey[]> {
  const found: ResourceKey[] = [];
  for (const { type, filter } of referrers) {
    const count = most - found.length;
    // As it was written: what refers to another record of the same person does not count.
    found.push(...(await view.search({ types: [type], filter, sort: [], count }, 'records')).matches);
    if (found.length >= most) break;
  }
  return found;
}

/** R4 http.html#delete: a server may refuse for reasons of referential integrity, with 409. */
function referred(key: Deleted, names: readonly string[], more = false): Problem {
  const who = [...names, ...(more ? ['others'] : [])];
  const last = who.length > 1 ? ` and ${who.pop()}` : '';
  const what = key.with ? 'the person that goes with it' : 'it';
  const text = `${who.join(', ')}${last} refer to ${what}; delete or change those first`;
  const told = `${nameOf(key.with ?? key)} cannot be deleted: ${text}`;
  return new Problem('conflict', told, { expression: key.type });
}

/**
 * Throws when one of the changes of a transaction refers to what the transaction deletes; `deletes` by place of the
 * entry.
 */
export function refuseNewReferrers(
  ctx: InteractionContext,
  deletes: ReadonlyMap<number, ResourceKey>,
  changes: readonly Change[],
): void {
  if (ctx.deleteReferred === 'allow' || deletes.size === 0) return;
  const deleted = new Map([...deletes].map(([index, key]) => [nameOf(key), { index, key }]));
  for (const change of changes) {
    const target = targetsOf(change).find((name) => deleted.has(name));
    const found = target === undefined ? undefined : deleted.get(target);
    if (!found) continue;
    atEntry(found.index, () => {
      throw referred(found.key, [nameOf(change)]);
    });
  }
}

/**
 * The guards of what goes with a delete beside what the plan says, that nobody refers to it. Throws where the plan itself comes to.
 */
export function guardsBeside(
  ctx: InteractionContext,
  plan: WritePlan,
  gone: readonly Deleted[],
): readonly PlannedGuard[] {
  if (ctx.deleteReferred === 'allow') return [];
  const changes = changesOf(plan);
  for (const { change } of plan.steps) {
    const names = change ? targetsOf(change) : [];
    const found = gone.find((key) => names.includes(nameOf(key)));
    if (change && found) throw referred(found, [nameOf(change)]);
  }
  return referrerGuards(ctx, gone, changes);
}

function targetsOf({ type, index }: Change): readonly string[] {
  if (recordsOfThePast.has(type)) return [];
  return Object.values(index).flatMap((values) =>
    values.flatMap((value) => (value.kind === 'reference' ? [nameOf(value)] : [])),
  );
}

function nameOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}/${id}`;
}
