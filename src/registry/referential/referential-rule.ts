import { type LocalReference, localReferences } from '../../fhir/local-references.ts';
import { Problem } from '../../fhir/problem.ts';
import type { About } from '../../interaction/caller-view.ts';
import type { InteractionContext, WriteRule } from '../../interaction/context.ts';
import {
  changesOf,
  type PlannedGuard,
  type PlannedStep,
  type WritePlan,
  writtenBy,
} from '../../interaction/write-plan.ts';

/** Which references must lead to a resource that is there: none, those to the person it is about, or all of this server. */
export type Referential = 'off' | 'patient' | 'all';

/**
 * What is written may refer only to what is there or is written with it (JENNER_REFERENTIAL). It still holds in the commit,
 * so that nobody deletes the one while the other is written.
 */
export function referentialRule(scope: Exclude<Referential, 'off'>): WriteRule {
  return async (_system, plan, caller) => {
    const wanted = new Map<string, Wanted>();
    for (const step of plan.steps) {
      await caller.pace();
      for (const one of referencesOf(step, scope, caller)) {
        if (!wanted.has(nameOf(one))) wanted.set(nameOf(one), one);
      }
    }
    const missing = withoutWritten(wanted, plan);
    if (missing.size === 0) return plan;
    await requireAll(caller, missing);
    return { ...plan, guards: [...plan.guards, ...[...missing.values()].map((one) => guardOf(caller, one))] };
  };
}

/** `about`: the write is about the person to whom it refers. */
type Wanted = LocalReference & { readonly about?: About };

function referencesOf(
  { change, resource }: PlannedStep,
  scope: Exclude<Referential, 'off'>,
  { definitions, baseUrl }: InteractionContext,
): readonly Wanted[] {
  if (!change || !resource || change.method === 'DELETE') return [];
  const isOwn = ({ type, id }: LocalReference) => type === change.type && id === change.id;
  const patients = new Set<string>(change.type === 'Patient' ? [] : change.patients);
  if (scope === 'patient' && patients.size === 0) return [];
  const about = { interaction: writtenBy[change.method], type: change.type };
  const wanted: Wanted[] = [];
  for (const reference of localReferences(resource.resource, definitions, baseUrl)) {
    if (reference.type === 'Patient' && patients.has(reference.id)) wanted.push({ ...reference, about });
    else if (scope === 'all' && !isOwn(reference)) wanted.push(reference);
  }
  return wanted;
}

/** What the plan writes is there with it; what it deletes is not. */
function withoutWritten(wanted: ReadonlyMap<string, Wanted>, plan: WritePlan): ReadonlyMap<string, Wanted> {
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
async function requireAll(caller: InteractionContext, missing: ReadonlyMap<string, Wanted>): Promise<void> {
  const found = new Set<string>();
  for (const [about, references] of byWrite(missing.values())) {
    for (let at = 0; at < references.length; at += readAtOnce) {
      await caller.pace();
      const some = references.slice(at, at + readAtOnce);
      for (const one of await caller.view.mentionable(some, about)) found.add(nameOf(one));
    }
  }
  for (const [name, reference] of missing) if (!found.has(name)) throw missingReference(reference);
}

/** What one kind of write may be about is asked for together. */
function byWrite(
  wanted: Iterable<Wanted>,
): Iterable<readonly [about: About | undefined, references: readonly Wanted[]]> {
  const parts = new Map<string, [About | undefined, Wanted[]]>();
  for (const one of wanted) {
    const { about } = one;
    const name = about ? `${about.interaction} ${about.type}` : '';
    const part = parts.get(name);
    if (part) part[1].push(one);
    else parts.set(name, [about, [one]]);
  }
  return parts.values();
}

function guardOf(caller: InteractionContext, reference: Wanted): PlannedGuard {
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
