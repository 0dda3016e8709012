import { setTimeout } from 'node:timers/promises';
import { Problem } from '../fhir/problem.ts';
import { nothing } from '../search/filter.ts';
import type { Change, Fit, WriteOutcome, WriteUnit } from '../store/contract/store.ts';
import type { EpochMs } from '../values/instant.ts';
import { requireAppendOnly } from './audit/append-only.ts';
import { rowsOfPlan } from './audit/written-rows.ts';
import { type InteractionContext, withCaller } from './context.ts';
import { refusedWrite } from './refused-write.ts';
import { changesRelations } from './relations.ts';
import { requirePersons } from './require-persons.ts';
import { requireStanding } from './require-standing.ts';
import { storeBehind } from './store-door.ts';
import { storeProblem } from './store-problem.ts';
import { changesOf, type PlannedGuard, type WriteAnswer, type WritePlan, writtenBy } from './write-plan.ts';

/** Enough for any honest crowd of writers; past it the resource is a hot spot and the client should wait. */
const maxAttempts = 50;

/** Milliseconds between two attempts at the most: a crowd that tries again at once is in its own way. */
const longestPause = 100;

/** Milliseconds for which one attempt waits until its clock shows what another's has shown. */
const longestWait = 1000;

/**
 * The one way to write for a caller. Runs the rules on what `plan` made of what is there, asks that the caller's access
 * allows what came of it, adds the trails and the audit, and writes all or nothing. When somebody else wrote in between, the whole is
 * planned anew on what is there then. Answers stand in the order of the intents.
 */
export async function commit(
  ctx: InteractionContext,
  plan: () => Promise<WritePlan>,
): Promise<readonly WriteAnswer[]> {
  for (let count = 0; count < maxAttempts; count++) {
    // Somebody else came first once: that is over.
    if (count > 1) await setTimeout(Math.random() * Math.min(2 ** count, longestPause));
    const attempt = await refusedAsProblem(async () => attemptOf(ctx, await plan()));
    if (attempt) return attempt;
  }
  throw new Problem('busy', `The resource was written by others ${maxAttempts} times in a row; try again`);
}

async function refusedAsProblem<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw storeProblem(cause) ?? cause;
  }
}

/** Undefined when it must be planned anew. */
async function attemptOf(
  ctx: InteractionContext,
  planned: WritePlan,
): Promise<readonly WriteAnswer[] | undefined> {
  const plan = withTrails(ctx, await withRules(ctx, planned));
  requireAppendOnly(ctx.caller, plan);
  const answers = plan.steps.map(({ answer }) => answer);
  const { guards } = plan;
  const unit = toUnit(ctx, plan);
  if (unit.changes.length === 0 && plan.records.length === 0) return answers;
  await requireStanding(ctx, plan);
  const store = storeBehind(ctx.door);
  if (unit.fits) await requirePersons(ctx, store, plan);
  const outcome = await store.write(unit);
  if (outcome.kind === 'late') await until(ctx, outcome.moment);
  if (outcome.kind === 'unfit') throw unfit(ctx, unit, outcome.fit);
  if (!(await isCommitted(outcome, guards))) return undefined;
  ctx.trail?.noteCommit();
  // Should it fail, relations are looked up anew after a minute all the same.
  if (ctx.relationsChanged && changesRelations(plan)) await ctx.relationsChanged().catch(() => undefined);
  return answers;
}

async function withRules(ctx: InteractionContext, planned: WritePlan): Promise<WritePlan> {
  if (ctx.writeRules.length === 0) return planned;
  const asSystem = withCaller(ctx, { kind: 'system', name: 'write-rules', managesRecords: true });
  let plan = planned;
  for (const rule of ctx.writeRules) plan = await rule(asSystem, plan, ctx);
  return plan;
}

function withTrails(ctx: InteractionContext, planned: WritePlan): WritePlan {
  let plan = planned;
  for (const trail of ctx.writeTrails) {
    const { added, records } = trail(ctx, planned);
    plan = { ...plan, added: [...plan.added, ...added], records: [...plan.records, ...records] };
  }
  return plan;
}

function toUnit(ctx: InteractionContext, plan: WritePlan): WriteUnit {
  const { guards, records } = plan;
  const fits = fitsOf(ctx, plan);
  const audit = rowsOfPlan(ctx, plan);
  return {
    changes: changesOf(plan),
    guards: guards.map(({ guard }) => guard),
    ...(records.length > 0 && { records }),
    ...(fits.length > 0 && { fits }),
    ...(audit.length > 0 && { audit }),
  };
}

/** What a caller writes must lie within the caller's reach once it is written. What is deleted did so before. */
function fitsOf(ctx: InteractionContext, { steps }: WritePlan): readonly Fit[] {
  const fits: Fit[] = [];
  let index = 0;
  for (const { change } of steps) {
    if (!change) continue;
    const place = index++;
    if (change.method === 'DELETE') continue;
    const filter = ctx.view.reach(writtenBy[change.method], change.type);
    if (filter) fits.push({ change: place, filter });
  }
  return fits;
}

/** The clock of another server may be ahead: what is stamped before its moment would be refused again. */
async function until({ clock }: InteractionContext, moment: EpochMs): Promise<void> {
  await setTimeout(Math.min(longestWait, Math.max(0, moment + 1 - clock.now())));
}

function unfit(ctx: InteractionContext, { fits, changes }: WriteUnit, place: number): Problem {
  const { change, filter } = fits?.[place] ?? { change: 0, filter: nothing };
  return refusedWrite(ctx, changes[change] as Change, filter);
}

type Outcome = Exclude<WriteOutcome, { readonly kind: 'unfit' }>;

async function isCommitted(outcome: Outcome, guards: readonly PlannedGuard[]): Promise<boolean> {
  switch (outcome.kind) {
    case 'committed':
      return true;
    case 'stale':
    case 'stale-record':
    case 'late':
      return false;
    case 'guarded':
      await guards[outcome.guard]?.refuse?.();
      return false;
  }
}
