import type { CodeableConcept, Extension, Reference } from 'fhir/r4.js';
import { type ObservationCode, parseObservationCode } from '../../forecast/patient-history.ts';
import type { Antigen, Schedule } from '../../forecast/schedule.ts';
import {
  type AuthorityData,
  cdcAuthority,
  cdcScheduleId,
  type ScheduleData,
  scheduleTitle,
  type VaccineData,
} from '../../forecast/schedule-data.ts';
import { scheduleWarnings } from '../../forecast/shelf-life.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { remember } from '../../values/remember.ts';
import { canonicalSystem, codeSystem } from './code-systems.ts';
import { toAuthority, toAuthorityExtension } from './schedule-authority.ts';
import { shared } from './shared.ts';
import type { TranslateToCvx } from './to-dose.ts';

/** One version of the schedule, compiled, with what the FHIR side must look up in it. */
export type KnowledgeBase = {
  readonly id: string;
  readonly version: string;
  /** `ID|VERSION`. */
  readonly name: string;
  /** As people are told of it. */
  readonly title: string;
  /** Whose advice it is; the first is the one that answers name. */
  readonly authorities: readonly [AuthorityData, ...AuthorityData[]];
  /** As it was compiled from. */
  readonly data: ScheduleData;
  readonly schedule: Schedule;
  /** CDSi observation codes that a coding stands for; none when the schedule does not know it. */
  readonly observationsOf: (system: string | undefined, code: string) => readonly ObservationCode[];
  /** Evidence of immunity stays when the disease is over: a resolved chickenpox still proves immunity. */
  readonly outlastsTheDisease: (code: ObservationCode) => boolean;
  /** Who was born before that day in that country is immune. */
  readonly immuneByBirth: readonly ImmuneByBirth[];
  /** Antigens that a vaccine holds at some age; undefined for a CVX that the schedule does not know. */
  readonly antigensOf: (cvx: string) => readonly string[] | undefined;
  readonly displayOf: (cvx: string) => string | undefined;
  /** What answers have in common, made once: they are many, and each says it many times. */
  readonly inAnswers: {
    readonly authority: Reference;
    readonly authorities: readonly Extension[];
    readonly vaccineOf: (cvx: string) => CodeableConcept;
  };
  /** The CVX codes that a code of another system stands for; several where it does not say which. */
  readonly cvxOf: TranslateToCvx;
  /** The version of the amendment that was imported for it; absent where it is as it ships. */
  readonly amendment?: string | undefined;
  /** How far it may be trusted on a day, a sentence each; none as long as it is made for that day. */
  readonly warningsOn: (day: EpochDay) => readonly string[];
};

export type ImmuneByBirth = {
  readonly antigen: string;
  readonly before: EpochDay;
  readonly country: string;
};

const systemNames: Readonly<Record<string, string>> = {
  SNOMED: codeSystem.snomed,
  CVX: codeSystem.cvx,
  CDCPHINVS: codeSystem.cdcLocal,
};

export function toKnowledgeBase(
  data: ScheduleData,
  schedule: Schedule,
  cvxOf: TranslateToCvx = () => [],
): KnowledgeBase {
  const observations = codedObservations(data);
  const vaccines = new Map(data.vaccines.map((vaccine) => [vaccine.cvx, vaccine]));
  const antigens = new Map(data.vaccines.map(({ cvx, associations }) => [cvx, antigensIn(associations)]));
  const immunity = new Set(data.antigens.flatMap((antigen) => antigen.immunity.clinicalHistory));
  const displayOf = (cvx: string) => vaccines.get(cvx)?.shortDescription;
  const { id = cdcScheduleId, version } = data;
  const [authority = cdcAuthority, ...others] = data.authorities ?? [];
  return {
    id,
    version,
    name: `${id}|${version}`,
    title: scheduleTitle(data),
    authorities: [authority, ...others],
    data,
    schedule,
    observationsOf: (system, code) => observations.get(`${canonicalSystem(system) ?? ''}|${code}`) ?? [],
    outlastsTheDisease: (code) => immunity.has(code),
    immuneByBirth: schedule.antigens.flatMap(immuneByBirthIn),
    antigensOf: (cvx) => antigens.get(cvx),
    cvxOf,
    displayOf,
    inAnswers: {
      authority: shared(toAuthority(authority)),
      authorities: shared([authority, ...others].map(toAuthorityExtension)),
      vaccineOf: remember(1_000, (cvx) => toVaccineConcept(cvx, displayOf(cvx))),
    },
    // Nearly all who ask on one day ask of the same day.
    warningsOn: remember(1_000, (day) => scheduleWarnings(data, day)),
  };
}

function toVaccineConcept(cvx: string, display: string | undefined): CodeableConcept {
  return shared({
    coding: [{ system: codeSystem.cvx, code: cvx, ...(display !== undefined && { display }) }],
  });
}

function immuneByBirthIn({ name, immunity }: Antigen): readonly ImmuneByBirth[] {
  return immunity.birthDates.flatMap(({ before, country }) =>
    country === undefined ? [] : [{ antigen: name, before, country }],
  );
}

function antigensIn(associations: VaccineData['associations']): readonly string[] {
  return [...new Set(associations.map(({ antigen }) => antigen))];
}

function codedObservations(data: ScheduleData): ReadonlyMap<string, readonly ObservationCode[]> {
  const byCoding = new Map<string, ObservationCode[]>();
  const add = (system: string, code: string, observation: ObservationCode) => {
    const known = byCoding.get(`${system}|${code}`);
    if (known) known.push(observation);
    else byCoding.set(`${system}|${code}`, [observation]);
  };
  for (const { code, codedValues } of data.observations) {
    const observation = parseObservationCode(code);
    if (observation === undefined) continue;
    add(codeSystem.cdsiObservation, code, observation);
    add(codeSystem.contextualCondition, code, observation);
    for (const value of codedValues) add(systemNames[value.system] ?? value.system, value.code, observation);
  }
  return byCoding;
}
