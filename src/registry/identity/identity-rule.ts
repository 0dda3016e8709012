import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext, WriteRule } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { prepareChange } from '../../interaction/prepare-change.ts';
import type { PlannedStep, WritePlan } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import type { Change } from '../../store/contract/store.ts';
import { formatInstant } from '../../values/instant.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { type Brought, openBrought } from './brought.ts';
import type { Likely, Matcher } from './matcher.ts';
import { meansOf } from './means.ts';
import { isPatientStep, kindOfVersion, type PatientStep } from './patient-steps.ts';
import { openPersonRecords, type PersonRecords } from './person-records.ts';
import { kindOf, personIdOf } from './record-links.ts';
import { groupOf, idsOf, joinGroups, settle } from './regroup.ts';
import { toReviewTask, withDecision } from './review-task.ts';
import { isSealedFor } from './sealed.ts';

export type IdentitySettings = {
  readonly matcher: Matcher;
  /** What becomes of Patients that somebody brings who is no app: an import, or everybody on an open server. */
  readonly matching: MatchingMode;
};

/**
 * Who is one person is decided when a Patient comes in: who is certain joins the person, where people may be needed they are
 * asked, and a person is computed anew when one of its sources is reported again.
 */
export function identityRule(settings: IdentitySettings): WriteRule {
  return async (system, plan, caller) => {
    const steps = plan.steps.filter(isPatientStep);
    if (steps.length === 0) return plan;
    const mode = modeOf(caller.caller, settings.matching);
    const work = steps.flatMap((step) => workOn(step, mode, caller.caller));
    return work.length === 0 ? plan : regrouped(system, caller, plan, work, settings.matcher);
  };
}

function modeOf(caller: InteractionContext['caller'], usual: MatchingMode): MatchingMode {
  return caller.kind === 'token' ? (caller.matching ?? 'off') : usual;
}

type Work = { readonly kind: 'match' | 'settle'; readonly step: PatientStep; readonly mode: MatchingMode };

/** What a step asks for; of a Patient that is its own person and stays it, nothing. */
function workOn(
  step: PatientStep,
  mode: MatchingMode,
  caller: InteractionContext['caller'],
): readonly Work[] {
  const { change, current } = step;
  const was = kindOfVersion(current);
  // What an operator brings may say by itself what it is: an export that is taken back.
  if (caller.kind !== 'system' && (was === 'person' || was === 'replaced')) throw isComputed(change, was);
  if (change.method === 'DELETE') return was === 'source' ? [{ kind: 'settle', step, mode }] : [];
  if (was === 'source') return [{ kind: 'settle', step, mode }];
  const isNew = current?.text === undefined;
  return isNew && mode !== 'off' && kindOfVersion(change) === 'alone' ? [{ kind: 'match', step, mode }] : [];
}

function isComputed({ id }: Change, kind: 'person' | 'replaced'): Problem {
  const told =
    kind === 'person'
      ? `Patient/${id} is computed from its sources: write to one of them (Patient.link, seealso)`
      : `Patient/${id} was found to be another person (Patient.link, replaced-by)`;
  return new Problem('business-rule', told);
}

async function regrouped(
  system: InteractionContext,
  caller: InteractionContext,
  plan: WritePlan,
  work: readonly Work[],
  matcher: Matcher,
): Promise<WritePlan> {
  const records = openPersonRecords(system);
  for (const { step } of work) {
    if (step.change.method !== 'DELETE') records.adopt(step.change, step.current);
  }
  const matching = { system, caller, records, matcher, brought: openBrought(matcher) };
  let next = plan;
  for (const { kind, step, mode } of work) {
    await caller.pace();
    if (kind === 'settle') await settleAround(records, step);
    else next = await matched(matching, next, step, mode);
  }
  return withChanges(next, records.changes(), work);
}

/** The person of a source that is written, or that is no more. */
async function settleAround(records: PersonRecords, { change, current }: PatientStep): Promise<void> {
  const before = current && parseStored(storedResource(current)).resource;
  const personId = before && personIdOf(before);
  const person = personId === undefined ? undefined : await records.read(personId);
  if (!person || kindOf(person) !== 'person') return;
  // An operator may have moved it by itself: then what was said of it stands.
  const after = await records.read(change.id);
  if (change.method !== 'DELETE' && after && personIdOf(after) !== personId) return;
  const group = await groupOf(records, String(person.id));
  if (change.method !== 'DELETE') await records.touch(change.id);
  const isLeft = (id: string) => change.method !== 'DELETE' || id !== change.id;
  const sourceIds = group.sourceIds.filter(isLeft);
  await settle(records, { ...group, sourceIds });
}

type Matching = {
  readonly system: InteractionContext;
  readonly caller: InteractionContext;
  readonly records: PersonRecords;
  readonly matcher: Matcher;
  /** Who comes in the same transaction. */
  readonly brought: Brought;
};

async function matched(
  matching: Matching,
  plan: WritePlan,
  { change }: PatientStep,
  mode: MatchingMode,
): Promise<WritePlan> {
  const { system, records, matcher, brought } = matching;
  const patient = await records.read(change.id);
  if (!patient) return plan;
  const { likely: known, noneNew } = await matcher.find(system, patient, new Set([change.id]));
  const likely = [...known, ...brought.like(patient)];
  brought.add(change.id, patient);
  const guards = noneNew
    ? [...plan.guards, { guard: { type: 'Patient', noneMatch: noneNew } as const }]
    : plan.guards;
  const joined = mode === 'automatic' ? await certainOf(matching, likely) : undefined;
  if (joined !== undefined) {
    const ids = { target: joined.id, source: change.id };
    await joinGroups(records, ids, meansOf(system, matcher));
    return { ...plan, guards, added: [...plan.added, joinedTask(system, change.id, joined)] };
  }
  const asked = likely.slice(0, mostAsked).map((one) => reviewOf(system, change.id, one));
  return { ...plan, guards, added: [...plan.added, ...asked] };
}

/** Of more people than this one record is hardly one; who is most alike is asked of first. */
const mostAsked = 5;

/**
 * The one who is certain. Of two nobody knows which, unless one has the same number of the same owner; and who is sealed is
 * joined by who brought one of the records alone.
 */
async function certainOf(
  { system, caller, records }: Matching,
  likely: readonly Likely[],
): Promise<Likely | undefined> {
  const all = await ofDistinctPersons(
    records,
    likely.filter(({ comparison }) => comparison.outcome === 'match'),
  );
  const certain = only(all) ?? only(all.filter(hasSameNumber));
  if (!certain) return undefined;
  const ids = idsOf(await groupOf(records, certain.id));
  return (await isSealedFor(system, caller.caller, ids)) ? undefined : certain;
}

/** Two that were joined in the same transaction are one. */
async function ofDistinctPersons(
  records: PersonRecords,
  likely: readonly Likely[],
): Promise<readonly Likely[]> {
  const byPerson = new Map<string, Likely>();
  for (const one of likely) {
    const person = (await groupOf(records, one.id)).personId ?? one.id;
    if (!byPerson.has(person)) byPerson.set(person, one);
  }
  return [...byPerson.values()];
}

function only(some: readonly Likely[]): Likely | undefined {
  return some.length === 1 ? some[0] : undefined;
}

function hasSameNumber({ comparison }: Likely): boolean {
  return comparison.fields.some(({ field, level }) => field === 'recordNumber' && level === 'same-owner');
}

function reviewOf(system: InteractionContext, record: ResourceId, { id, comparison }: Likely): Change {
  const at = formatInstant(system.clock.now());
  return taskChange(system, toReviewTask(system.newId(), { record, with: id }, comparison, at));
}

/** What was decided without anybody being asked: it can be looked at, and turned round, as any decision. */
function joinedTask(system: InteractionContext, record: ResourceId, { id, comparison }: Likely): Change {
  const at = formatInstant(system.clock.now());
  const task = toReviewTask(system.newId(), { record, with: id }, comparison, at);
  const decided = { decision: 'same', reason: 'certain by the model', by: 'matching', at } as const;
  return taskChange(system, withDecision(task, decided));
}

function taskChange(system: InteractionContext, resource: Resource): Change {
  const id = resource.id as ResourceId;
  const target = { type: 'Task', id, method: 'POST', current: undefined } as const;
  return prepareChange(system, { resource, exactNumbers: false }, target);
}

/** A step that was regrouped is written as it became; the others come beside it. */
function withChanges(plan: WritePlan, changes: readonly Change[], work: readonly Work[]): WritePlan {
  const own = new Map<string, Change>(changes.map((change) => [change.id, change]));
  const isOfStep = new Set(work.map(({ step }) => step.change.id));
  const steps = plan.steps.map((step) => {
    const became = step.change?.type === 'Patient' ? own.get(step.change.id) : undefined;
    return became ? becoming(step, became) : step;
  });
  const beside = changes.filter(({ id }) => !isOfStep.has(id));
  return { ...plan, steps, added: [...plan.added, ...beside] };
}

function becoming(step: PlannedStep, change: Change): PlannedStep {
  if (step.answer.kind === 'deleted') return step;
  const parsed = parseStored(storedResource(change));
  const person = personIdOf(parsed.resource) as ResourceId | undefined;
  return {
    ...step,
    change,
    resource: parsed,
    answer: { ...step.answer, version: storedResource(change), ...(person !== undefined && { person }) },
  };
}
