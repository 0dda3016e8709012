import { unionOf } from '../access/combine-filters.ts';
import { toLookUp } from '../access/look-up.ts';
import { allOf, type Filter, nothing } from '../search/filter.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { StoredResource } from '../store/contract/store.ts';
import { type InteractionContext, withCaller } from './context.ts';
import { openPatients } from './open-patients.ts';

/** More are a list, and not the one who is looked up: a short number is somebody's at each of many clinics. */
export const mostFound = 20;

/**
 * Who searches so that one person is named, and may look persons up, finds them beyond the own ones too: the context to
 * search with. Any other search has its own.
 */
export async function lookingUp<Context extends InteractionContext>(
  ctx: Context,
  { types, filter, sort }: SearchRequest,
): Promise<Context> {
  const { caller } = ctx;
  const [type, ...others] = types;
  if (caller.kind !== 'token' || !caller.lookUp || !caller.opener) return ctx;
  if (type !== 'Patient' || others.length > 0 || sort.length > 0) return ctx;
  const named = toLookUp(filter);
  if (!named) return ctx;
  const finder = withPatients(ctx, caller, allOf([caller.lookUp, named]));
  return (await finder.view.count(types, filter, ctx.hasGone)) > mostFound ? ctx : finder;
}

/**
 * The same of who asks for the one person whom a whole record describes (`$match`): the caller must hold what is found
 * to that.
 */
export function lookingForOne<Context extends InteractionContext>(ctx: Context): Context {
  const { caller } = ctx;
  if (caller.kind !== 'token' || !caller.lookUp || !caller.opener) return ctx;
  return withPatients(ctx, caller, caller.lookUp);
}

type Token = Extract<InteractionContext['caller'], { kind: 'token' }>;

/** Beyond those whom the caller may search anyway. */
function withPatients<Context extends InteractionContext>(
  ctx: Context,
  caller: Token,
  more: Filter,
): Context {
  const own = caller.grants.get('Patient');
  const patients = { ...own, search: unionOf([own?.search ?? nothing, more]) };
  const { grants } = caller;
  return withCaller(ctx, {
    ...caller,
    grants: { get: (type) => (type === 'Patient' ? patients : grants.get(type)) },
  });
}

/** Those who were not within reach are from now on, for a while. */
export async function openFound(ctx: InteractionContext, found: readonly StoredResource[]): Promise<void> {
  const own = new Set((await ctx.view.readMany(found)).map(({ id }) => id));
  const patients = found.flatMap(({ id }) => (own.has(id) ? [] : [id]));
  if (patients.length > 0) await openPatients(ctx, { kind: 'looked-up', patients });
}
