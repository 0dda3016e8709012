import type { Immunization } from 'fhir/r4.js';
import type {
  EhrDoseNamed,
  EhrDoseShown,
  EhrDueShown,
  EhrForbiddenShown,
  EhrOutcomeShown,
  EhrRecordPage,
  Frame,
} from '../../pages/auth-pages.ts';
import { forbiddenIn, rowsOf, verdictOn } from '../../registry/ehr-record/read-answer.ts';
import type { EhrApp } from '../auth-server.ts';
import { nameOf } from '../page/person-shown.ts';
import type { EhrVisit } from './ehr-launch.ts';
import type { MergedRecord, MergedRow } from './merged-record.ts';
import type { Reported } from './report-doses.ts';
import { mayBeWritten, type Written } from './write-doses.ts';

type Names = Pick<EhrApp, 'vaccineName' | 'observationCode'>;

export type Shown = Omit<EhrRecordPage, keyof Frame | 'visit'>;

export function toShown({ ehr, canWrite }: EhrVisit, record: MergedRecord, names: Names): Shown {
  const { patient, known, rows, forecast } = record;
  const isAsked = ehr.organization !== undefined;
  return {
    ehr: ehr.name,
    person: {
      name: (Array.isArray(patient.name) ? nameOf(patient.name) : undefined) ?? '',
      ...(patient.birthDate !== undefined && { birthDate: patient.birthDate }),
    },
    registry: isAsked ? (known === undefined ? 'unknown' : 'known') : 'not-asked',
    canWrite,
    forbidden: forbiddenIn(forecast).map((one) => toForbidden(one, names)),
    due: rowsOf(forecast).flatMap(toDue),
    doses: rows.map((row) => ({
      ...namedDose(row.dose, names),
      in: row.in,
      notGiven: row.dose.status !== 'completed',
      ...(isAsked && row.ehrId !== undefined && { report: row.ehrId }),
      ...(canWrite && mayBeWritten(row) && row.dose.id !== undefined && { write: row.dose.id }),
      ...notCounted(row, forecast),
    })),
    missing: record.ehr.missing,
  };
}

function toForbidden(
  { group, vaccines, because }: ReturnType<typeof forbiddenIn>[number],
  { observationCode }: Names,
): EhrForbiddenShown {
  const reasons = because.map((title) => {
    const code = observationCode?.(title);
    return { title, ...(code !== undefined && { code }) };
  });
  return { group, vaccines, because: reasons };
}

function toDue({
  group,
  urgency,
  since,
  doseNumber,
}: ReturnType<typeof rowsOf>[number]): readonly EhrDueShown[] {
  if (urgency === undefined) return [];
  return [
    {
      group,
      urgency,
      ...(since !== undefined && { since }),
      ...(doseNumber !== undefined && { doseNumber }),
    },
  ];
}

function namedDose(dose: Immunization, names: Names): EhrDoseNamed {
  const { occurrenceDateTime: date } = dose;
  return {
    ...(date !== undefined && { date: date.slice(0, 10) }),
    vaccine: vaccineOf(dose, names),
  };
}

/** By the id that the forecast knows the dose by (`ask-forecast.ts`). */
function notCounted(
  { dose, place }: MergedRow,
  forecast: MergedRecord['forecast'],
): Pick<EhrDoseShown, 'notCounted'> {
  const verdict = verdictOn(forecast, place === undefined ? (dose.id ?? '') : `ehr-${place + 1}`);
  return verdict === undefined || verdict === 'counts' ? {} : { notCounted: verdict };
}

const cvx = 'http://hl7.org/fhir/sid/cvx';

/** The name that the schedule has for it, with what the record calls it beside; records name vaccines as they like. */
function vaccineOf({ vaccineCode }: Immunization, { vaccineName }: Names): string {
  const { text, coding = [] } = vaccineCode ?? {};
  const known = coding.find(({ system }) => system === cvx);
  const name = known?.code === undefined ? undefined : vaccineName?.(known.code);
  if (name === undefined) return text ?? coding[0]?.display ?? coding[0]?.code ?? '';
  const isSame = text === undefined || [name, known?.display].some((one) => fold(one) === fold(text));
  return isSame ? name : `${name} (${text})`;
}

function fold(text = ''): string {
  return text.toLowerCase();
}

export function toReported({ count, refused }: Reported, names: Names): EhrOutcomeShown {
  return {
    kind: 'reported',
    count,
    failed: refused.map(({ dose, why }) => ({ ...namedDose(dose, names), outcome: 'refused' as const, why })),
  };
}

export function toWritten(all: readonly Written[], names: Names): EhrOutcomeShown {
  const failed = all.flatMap(({ dose, outcome }) => {
    if (outcome.kind === 'written') return [];
    const why = outcome.kind === 'refused' ? { why: `HTTP ${outcome.status}` } : {};
    return [{ ...namedDose(dose, names), outcome: outcome.kind, ...why }];
  });
  return { kind: 'written', count: all.length - failed.length, failed };
}
