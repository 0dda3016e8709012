import { type LocalReference, localReferences } from '../../fhir/local-references.ts';
import { Problem } from '../../fhir/problem.ts';
import type { InteractionContext, WriteRule } from '../../interaction/context.ts';
import {
  changesOf,
  type PlannedGuard,
  type PlannedStep,
  type WritePlan,
} from '../../interaction/write-plan.ts';

/** Which references must lead to a resource that is there: none, those to the person it is about, or all of this server. */
export type Referential = 'off' | 'patient' | 'all';

/**
 * What is written may refer only to what is there or is written with it (JENNER_REFERENTIAL). It still holds in the commit,
 * so that nobody deletes the one while the other is written.
 */
export function referentialRule(scope: Exclude<Referential, 'off'>): WriteRule {
  return async (_system, plan, caller) => {
    const wanted = new Map<string, LocalReference>();
    for (const step of plan.steps) {
      await caller.pace();
      for (const reference of referencesOf(step, scope, caller)) {
        const name = nameOf(reference);
        if (!wanted.has(name)) wanted.set(name, reference);
      }
    }
    const missing = withoutWritten(wanted, plan);
    if (missing.size === 0) return plan;
    await requireAll(caller, missing);
    return { ...plan, guards: [...plan.guards, ...[...missing.values()].map((one) => guardOf(caller, one))] };
  };
}

function referencesOf(
  { change, resource }: PlannedStep,
  scope: Exclude<Referential, 'off'>,
  { definitions, baseUrl }: InteractionContext,
): readonly LocalReference[] {
  if (!change || !resource) return [];
  const isOwn = ({ type, id }: LocalReference) => type === change.type && id === change.id;
  const patients = new Set<string>(change.type === 'Patient' ? [] : change.patients);
  if (scope === 'patient' && patients.size === 0) return [];
  return localReferences(resource.resource, definitions, baseUrl).filter((reference) =>
    scope === 'patient' ? reference.type === 'Patient' && patients.has(reference.id) : !isOwn(reference),
  );
}

/** What the plan writes is there with it; what it deletes is not. */
function withoutWritten(
  wanted: ReadonlyMap<string, LocalReference>,
  plan: WritePlan,
): ReadonlyMap<string, LocalReference> {
  const missing = new Map(wanted);
  for (const change of changesOf(plan)) {
    const reference = missing.get(nameOf(change));
    if (reference && change.method === 'DELETE') throw missingReference(reference);
    missing.delete(nameOf(change));
  }
  return missing;
}

/** A roster refers to thousands; the reads of so many take a few milliseconds. */
const readAtOnce = 200;

/** What the caller may not see is told as what never was. */
async function requireAll(
  caller: InteractionContext,
  missing: ReadonlyMap<string, LocalReference>,
): Promise<void> {
  const references = [...missing.values()];
  const found = new Set<string>();
  for (let at = 0; at < references.length; at += readAtOnce) {
    await caller.pace();
    for (const one of await caller.view.readMany(references.slice(at, at + readAtOnce)))
      found.add(nameOf(one));
  }
  for (const [name, reference] of missing) if (!found.has(name)) throw missingReference(reference);
}

function guardOf(caller: InteractionContext, reference: LocalReference): PlannedGuard {
  const { type, id } = reference;
  return {
    guard: { type, someMatch: { kind: 'id', anyOf: [id] } },
    refuse: () => requireAll(caller, new Map([[nameOf(reference), reference]])),
  };
}

function missingReference(reference: LocalReference): Problem {
  const text = `There is no ${nameOf(reference)} to refer to; write it before, or in the same transaction`;
  return new Problem('missing-reference', text, { expression: reference.expression });
}

function nameOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}/${id}`;
}
