import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import { commit } from '../../interaction/commit.ts';
import { type InteractionContext, requireAccess, withCaller } from '../../interaction/context.ts';
import { nextVersion } from '../../interaction/next-version.ts';
import type { Change } from '../../store/contract/store.ts';
import { formatInstant } from '../../values/instant.ts';
import { openPersonRecords, type PersonRecords } from './person-records.ts';

/** What a decision about persons does: it stages Patients, and answers what else is written. */
export type Regrouping = {
  /** Reads as the system, once it is known that the caller may decide. */
  readonly system: InteractionContext;
  readonly records: PersonRecords;
};

export type Outcome<Result> = { readonly result: Result; readonly others: readonly Resource[] };

/**
 * Throws 403 for a caller who may not say who is one person, once it is known that it sees them: that is for who may change every Patient, since what is decided
 * of two concerns whoever sees either.
 */
export function requireDecider(ctx: InteractionContext): void {
  requireAccess(ctx, 'update', 'Patient');
  if (ctx.view.reach('update', 'Patient') === undefined) return;
  throw new Problem('forbidden', 'Who is one person is decided by who may change every Patient');
}

/** Regroups and writes all of it, or nothing; when somebody writes in between, it is decided anew on what is there then. */
export async function regroup<Result>(
  ctx: InteractionContext,
  work: (regrouping: Regrouping) => Promise<Outcome<Result>>,
  { preview = false }: { readonly preview?: boolean } = {},
): Promise<{ readonly result: Result; readonly written: readonly Change[] }> {
  const system = withCaller(ctx, { kind: 'system', name: 'identity', managesRecords: true });
  let done: { readonly result: Result; readonly written: readonly Change[] } | undefined;
  const plan = async () => {
    const records = openPersonRecords(system);
    const { result, others } = await work({ system, records });
    const written = [...records.changes()];
    for (const resource of others) written.push(await nextVersion(system, resource));
    done = { result, written };
    return { steps: [], guards: [], added: written, records: [] };
  };
  if (preview) await plan();
  else await commit(ctx, plan);
  if (!done) throw new Error('nothing was decided');
  return done;
}

/** Who decided, for texts that stay. */
export function deciderOf({ caller }: InteractionContext): string {
  switch (caller.kind) {
    case 'token':
      return caller.bearer?.user ?? caller.name;
    case 'system':
      return caller.name;
    case 'open':
    case 'anonymous':
      return caller.kind;
  }
}

export function nowOf({ clock }: InteractionContext): string {
  return formatInstant(clock.now());
}
