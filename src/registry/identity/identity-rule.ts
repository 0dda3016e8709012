import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext, WriteRule } from '../../interaction/context.ts';
import { matchingOfCaller } from '../../interaction/matching-of-caller.ts';
import { parseStored, readStoredJson } from '../../interaction/parse-stored.ts';
import type { PlannedStep, WritePlan } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import type { Change } from '../../store/contract/store.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { openBrought } from './brought.ts';
import { doubtOf, type Judging, judgeRecord } from './judge-record.ts';
import { groupBefore, leavePerson } from './leave-person.ts';
import type { Matcher } from './matcher.ts';
import { isPatientStep, kindOfVersion, type PatientStep } from './patient-steps.ts';
import { openPersonRecords, type PersonRecords } from './person-records.ts';
import { closeQuestionsOfDeleted } from './questions-of-deleted.ts';
import { personIdOf } from './record-links.ts';
import { settle } from './regroup.ts';

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
    const mode = matchingOfCaller(caller, settings.matching);
    const by = { caller: caller.caller, pace: caller.pace, matcher: settings.matcher };
    const work: Work[] = [];
    for (const step of steps) work.push(...(await workOn(step, mode, by)));
    const next = work.length === 0 ? plan : await regrouped(system, caller, plan, work, settings.matcher);
    return withoutQuestions(system, next);
  };
}

/**
 * `leave`: a source is deleted, and its person is told of by the others. `settle`: its person is computed anew. `doubt`: whether it is
 * still of its person. `judge`: who else it may be.
 */
type Work = {
  readonly kind: 'leave' | 'settle' | 'doubt' | 'judge';
  readonly step: PatientStep;
  readonly mode: MatchingMode;
};

async function withoutQuestions(system: InteractionContext, plan: WritePlan): Promise<WritePlan> {
  // Where a write is of one resource, the question stays.
  if (!system.view.transactions) return plan;
  const closed = await closeQuestionsOfDeleted(system, plan);
  return closed.length === 0 ? plan : { ...plan, added: [...plan.added, ...closed] };
}

type By = Pick<InteractionContext, 'caller' | 'pace'> & { readonly matcher: Matcher };

/** What a step asks for; of a Patient that is its own person, and says of it what it said, nothing. */
async function workOn(step: PatientStep, mode: MatchingMode, by: By): Promise<readonly Work[]> {
  const { change, current } = step;
  const was = kindOfVersion(current);
  // What an operator brings may say by itself what it is: an export that is taken back.
  if (by.caller.kind !== 'system' && (was === 'person' || was === 'replaced')) throw isComputed(change, was);
  if (change.method === 'DELETE') return was === 'source' ? [{ kind: 'leave', step, mode }] : [];
  if (was === 'source') return workOnSource(step, mode, by);
  if (mode === 'off' || kindOfVersion(change) !== 'alone') return [];
  return (await saysOther(step, by)) ? [{ kind: 'judge', step, mode }] : [];
}

async function workOnSource(step: PatientStep, mode: MatchingMode, by: By): Promise<readonly Work[]> {
  const work: Work[] = [{ kind: 'settle', step, mode }];
  if (kindOfVersion(step.change) !== 'source' || !(await saysOther(step, by))) return work;
  work.push({ kind: 'doubt', step, mode });
  if (mode !== 'off') work.push({ kind: 'judge', step, mode });
  return work;
}

/** Whether the version says what matching looks at otherwise than the one before; a first one does. */
async function saysOther(
  { change, current, resource }: PatientStep,
  { matcher, pace }: By,
): Promise<boolean> {
  if (current?.text === undefined) return true;
  const after = resource?.resource ?? (await readStoredJson<Resource>(storedResource(change), pace));
  return !matcher.isAlike(await readStoredJson<Resource>({ text: current.text }, pace), after);
}

function isComputed({ id, method }: Change, kind: 'person' | 'replaced'): Problem {
  if (kind === 'replaced') {
    const told = `Patient/${id} was found to be another person (Patient.link, replaced-by)`;
    return new Problem('business-rule', told);
  }
  const instead =
    method === 'DELETE' ? 'delete those, and it goes with the last one' : 'write to one of them';
  const told = `Patient/${id} is computed from its sources (Patient.link, seealso): ${instead}`;
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
  for (const { change } of plan.steps.filter(isPatientStep)) {
    if (change.method === 'DELETE') records.forget(change.id);
  }
  for (const { step } of work) {
    if (step.change.method !== 'DELETE') records.adopt(step.change, step.current);
  }
  const judging = { system, caller, records, matcher, brought: openBrought(matcher) };
  let next = plan;
  for (const each of work) {
    await caller.pace();
    next = await done(judging, next, each);
  }
  return withChanges(next, records.changes(), work);
}

async function done(judging: Judging, plan: WritePlan, { kind, step, mode }: Work): Promise<WritePlan> {
  const { change, current } = step;
  switch (kind) {
    case 'leave':
      return leavePerson(judging, plan, step);
    case 'settle':
      await settleAround(judging.records, step);
      return plan;
    case 'doubt': {
      const asked = current ? await doubtOf(judging, { change, current }) : [];
      return { ...plan, added: [...plan.added, ...asked] };
    }
    case 'judge':
      return judgeRecord(judging, plan, step, mode);
  }
}

/** The person of a source that is written. */
async function settleAround(records: PersonRecords, step: PatientStep): Promise<void> {
  const group = await groupBefore(records, step);
  if (!group) return;
  // An operator may have moved it by itself: then what was said of it stands.
  const after = await records.read(step.change.id);
  if (after && personIdOf(after) !== group.personId) return;
  await records.touch(step.change.id);
  await settle(records, group);
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
