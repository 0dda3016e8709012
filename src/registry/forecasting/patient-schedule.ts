import type { Address, Organization, Patient, Reference } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { toLiteralReference } from '../../fhir/reference.ts';
import { type InteractionContext, withCaller } from '../../interaction/context.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { holdsDay } from '../../values/period-days.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import {
  chooseKnowledgeBase,
  type KnowledgeBaseChoice,
  type KnowledgeBases,
  parseKnowledgeBase,
} from './choose-knowledge-base.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { stateCode } from './state-codes.ts';
import type { LeftOut } from './without-repeated.ts';

/** On an Organization: the schedule of its patients, and of those of its parts, as `ID` or `ID|VERSION`. */
const scheduleExtension = 'https://jenner-iis.org/fhir/StructureDefinition/schedule';

/** By `stateCode`. */
export type ScheduleOfState = ReadonlyMap<string, KnowledgeBaseChoice>;

export type ScheduleSettings = {
  readonly knowledgeBases: KnowledgeBases;
  /** Which is followed where nothing else is asked for; absent: the first. */
  readonly followed?: KnowledgeBaseChoice | undefined;
  /** Whose schedule is followed for who lives in a state. */
  readonly scheduleOfState?: ScheduleOfState | undefined;
  /** Which doses of a stored record are told of twice; absent: all count. */
  readonly leftOut?: LeftOut;
};

/**
 * The schedule of a patient, and why it is that one; nothing to be told where it is the one of the server. `unknown` is an
 * organization that could not be asked.
 */
export type PatientSchedule = {
  readonly knowledgeBase: KnowledgeBase;
  readonly because?: string;
  readonly unknown?: string;
};

/**
 * The schedule that is followed where the request names none: that of the managing organization, or the nearest above it
 * that names one; then that of the state the patient lives in; then that of the server. Throws a Problem where the
 * organization names one that is not there: another would be followed without anybody knowing.
 */
export async function scheduleOfPatient(
  patient: Patient,
  settings: ScheduleSettings,
  { ctx, assessmentDate, organizations }: Asking,
): Promise<PatientSchedule> {
  const asked = await askOrganization(ctx, patient, organizations);
  if (asked && 'text' in asked) {
    const { text, reference } = asked;
    return {
      knowledgeBase: ofOrganization(settings.knowledgeBases, asked, assessmentDate),
      because: `${reference} names ${text}`,
    };
  }
  return { ...scheduleByAddress(patient, settings, assessmentDate), ...asked };
}

/** That of the state the patient lives in on the day, else that of the server. */
export function scheduleByAddress(
  patient: Patient,
  { knowledgeBases, followed, scheduleOfState }: ScheduleSettings,
  on: EpochDay,
): PatientSchedule {
  const state = scheduleOfState && stateOf(patient, on);
  const choice = state === undefined ? undefined : scheduleOfState?.get(state);
  if (!choice) return { knowledgeBase: chooseKnowledgeBase(knowledgeBases, followed ?? {}, on) };
  const knowledgeBase = chooseKnowledgeBase(knowledgeBases, choice, on);
  return { knowledgeBase, because: `the patient lives in ${state}` };
}

/** What was read of organizations, for who asks of many patients at one moment; undefined of one that is not there. */
export type ReadOrganizations = Map<string, Organization | undefined>;

type Asking = {
  readonly ctx: InteractionContext;
  readonly assessmentDate: EpochDay;
  readonly organizations?: ReadOrganizations | undefined;
};

type Named = { readonly text: string; readonly reference: string };

function ofOrganization(bases: KnowledgeBases, { text, reference }: Named, day: EpochDay): KnowledgeBase {
  try {
    return chooseKnowledgeBase(bases, parseKnowledgeBase(text), day);
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
async function askOrganization(
  ctx: InteractionContext,
  patient: Patient,
  read: ReadOrganizations = new Map(),
): Promise<Named | { readonly unknown: string } | undefined> {
  let next = patient.managingOrganization;
  for (let depth = 0; next !== undefined && depth < maxDepth; depth++) {
    const found = await organizationOf({ ctx, patient, read }, next);
    if ('unknown' in found) return found;
    const text = scheduleNamedBy(found.organization, found.reference);
    if (text !== undefined) return { text, reference: found.reference };
    next = found.organization.partOf;
  }
  return undefined;
}

type FoundOrganization =
  | { readonly organization: Organization; readonly reference: string }
  | { readonly unknown: string };

type Reading = {
  readonly ctx: InteractionContext;
  readonly patient: Patient;
  readonly read: ReadOrganizations;
};

async function organizationOf({ ctx, patient, read }: Reading, named: Reference): Promise<FoundOrganization> {
  const own = containedIn(patient, named);
  if (own) return { organization: own, reference: 'Patient.managingOrganization' };
  const target = toLiteralReference(named.reference ?? '', ctx.baseUrl);
  if (target.kind !== 'local' || target.type !== 'Organization') return { unknown: nameOf(named) };
  const { id } = target;
  if (!read.has(id)) read.set(id, await readOrganization(ctx, id));
  const organization = read.get(id);
  const reference = `Organization/${id}`;
  return organization ? { organization, reference } : { unknown: reference };
}

async function readOrganization(ctx: InteractionContext, id: ResourceId): Promise<Organization | undefined> {
  const { view } = withCaller(ctx, { kind: 'system', name: 'schedule' });
  const stored = await view.read({ type: 'Organization', id });
  return stored?.text === undefined ? undefined : (JSON.parse(stored.text) as Organization);
}

function containedIn({ contained = [] }: Patient, { reference }: Reference): Organization | undefined {
  const found = contained.find(({ id }) => id !== undefined && reference === `#${id}`);
  return found?.resourceType === 'Organization' ? found : undefined;
}

function nameOf({ reference, display }: Reference): string {
  return reference ?? display ?? 'an organization without a reference';
}

/** Throws a Problem where it names several, or none in a way that can be read. */
function scheduleNamedBy({ extension = [] }: Organization, reference: string): string | undefined {
  const [first, second] = extension.filter(({ url }) => url === scheduleExtension);
  if (!first) return undefined;
  const text = first.valueString ?? first.valueCode ?? first.valueUri ?? first.valueCanonical;
  if (text !== undefined && !second) return text;
  const found = second ? 'several schedules' : 'a schedule, but not as valueString';
  throw new Problem('business-rule', `${reference} names ${found}; expected one, as ID or ID|VERSION`, {
    expression: `${reference}.extension`,
  });
}

/** Of the home first, and never of where somebody lived before. */
function stateOf({ address = [] }: Patient, on: EpochDay): string | undefined {
  const present = address.filter((each) => isPresent(each, on));
  const ordered = [...present.filter(({ use }) => use === 'home'), ...present];
  const named = ordered.find(({ state, country }) => state !== undefined && isHere(country))?.state;
  return named === undefined ? undefined : stateCode(named);
}

/** A state of another country may have the same letters. */
function isHere(country: string | undefined): boolean {
  return country === undefined || /^(US|USA|United States( of America)?)$/i.test(country.trim());
}

function isPresent({ use, period }: Address, on: EpochDay): boolean {
  return use !== 'old' && use !== 'billing' && holdsDay({ end: period?.end }, on);
}
