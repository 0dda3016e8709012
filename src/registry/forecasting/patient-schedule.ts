import type { Address, Organization, Patient } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { toLiteralReference } from '../../fhir/reference.ts';
import { type InteractionContext, withCaller } from '../../interaction/context.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import {
  chooseKnowledgeBase,
  type KnowledgeBaseChoice,
  type KnowledgeBases,
  parseKnowledgeBase,
} from './choose-knowledge-base.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/** On an Organization: the schedule of its patients, and of those of its parts, as `ID` or `ID|VERSION`. */
const scheduleExtension = 'https://jenner-iis.org/fhir/StructureDefinition/schedule';

/** By what an address names as state, in capitals. */
export type ScheduleOfState = ReadonlyMap<string, KnowledgeBaseChoice>;

export type ScheduleSettings = {
  readonly knowledgeBases: KnowledgeBases;
  /** Whose schedule is followed for who lives in a state. */
  readonly scheduleOfState?: ScheduleOfState | undefined;
};

/** The schedule of a patient, and why it is that one; nothing to be told where it is the one of the server. */
export type PatientSchedule = { readonly knowledgeBase: KnowledgeBase; readonly because?: string };

/**
 * The schedule that is followed where the request names none: that of the managing organization, or the nearest above it
 * that names one; then that of the state the patient lives in; then that of the server. Throws a Problem where the
 * organization names one that is not there: another would be followed without anybody knowing.
 */
export async function scheduleOfPatient(
  patient: Patient,
  settings: ScheduleSettings,
  { ctx, assessmentDate }: Asking,
): Promise<PatientSchedule> {
  const named = await namedByOrganization(ctx, patient);
  if (named) {
    const { text, reference } = named;
    return {
      knowledgeBase: ofOrganization(settings.knowledgeBases, named),
      because: `${reference} names ${text}`,
    };
  }
  return scheduleByAddress(patient, settings, assessmentDate);
}

/** That of the state the patient lives in on the day, else that of the server. */
export function scheduleByAddress(
  patient: Patient,
  { knowledgeBases, scheduleOfState }: ScheduleSettings,
  on: EpochDay,
): PatientSchedule {
  const state = scheduleOfState && stateOf(patient, formatEpochDay(on));
  const choice = state === undefined ? undefined : scheduleOfState?.get(state);
  if (!choice) return { knowledgeBase: knowledgeBases[0] };
  const knowledgeBase = chooseKnowledgeBase(knowledgeBases, choice);
  return { knowledgeBase, because: `the patient lives in ${state}` };
}

type Asking = { readonly ctx: InteractionContext; readonly assessmentDate: EpochDay };

type Named = { readonly text: string; readonly reference: string };

function ofOrganization(bases: KnowledgeBases, { text, reference }: Named): KnowledgeBase {
  try {
    return chooseKnowledgeBase(bases, parseKnowledgeBase(text));
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new Problem('business-rule', `${reference} names the schedule "${text}": ${cause.message}`, {
      expression: `${reference}.extension`,
      cause,
    });
  }
}

/** Nobody is part of so many; a circle ends here too. */
const maxDepth = 20;

/** It is the server that looks, since the schedule is the patient's whoever asks. */
async function namedByOrganization(ctx: InteractionContext, patient: Patient): Promise<Named | undefined> {
  const { view } = withCaller(ctx, { kind: 'system', name: 'schedule' });
  let next = patient.managingOrganization?.reference;
  for (let depth = 0; next !== undefined && depth < maxDepth; depth++) {
    const target = toLiteralReference(next, ctx.baseUrl);
    if (target.kind !== 'local' || target.type !== 'Organization') return undefined;
    const stored = await view.read({ type: 'Organization', id: target.id });
    if (stored?.text === undefined) return undefined;
    const organization = JSON.parse(stored.text) as Organization;
    const text = organization.extension?.find(({ url }) => url === scheduleExtension)?.valueString;
    if (text !== undefined) return { text, reference: `Organization/${target.id}` };
    next = organization.partOf?.reference;
  }
  return undefined;
}

/** Of the home first, and never of where somebody lived before. */
function stateOf({ address = [] }: Patient, on: string): string | undefined {
  const present = address.filter((each) => isPresent(each, on));
  const ordered = [...present.filter(({ use }) => use === 'home'), ...present];
  const named = ordered.find(({ state }) => state !== undefined)?.state;
  return named?.trim().toUpperCase();
}

function isPresent({ use, period }: Address, on: string): boolean {
  return use !== 'old' && use !== 'billing' && (period?.end === undefined || period.end >= on);
}
