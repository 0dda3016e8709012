import type { PatientHistory } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/** The schedule's conflicts are those of live vaccines (CDSi 4.6, "Live Virus Conflict"). */
export function isLive(cvx: string, { data }: Pick<KnowledgeBase, 'data'>): boolean {
  return data.vaccineConflicts.some(({ current }) => current === cvx);
}

/**
 * Conditions that forbid live vaccines to some who have them and not to others, by what a registry does not know: how many
 * CD4 cells there are, how long ago the transplant was, whether the treatment goes on. Those that forbid them to all are
 * contraindications of the schedule.
 */
const immuneConditions: ReadonlySet<string> = new Set([
  '003', // immunocompromised
  '004', // recipient of a hematopoietic stem cell transplant
  '013', // severe combined immunodeficiency
  '145', // severe antibody deficiencies
  '171', // date of a hematopoietic stem cell transplant
  '178', // leukemia
  '179', // lymphoma
  '186', // HIV infection
  '190', // active treatment of a hematologic malignancy
  '216', // iatrogenic immunosuppression
  '268', // islet transplantation
  '269', // transplantation
  '273', // immunoglobulin deficiency
]);

/** HIV infection is known to have left enough cells. */
const notSevere = '155';

/** Which of these a person is known to have on a day, by CDSi's code. */
export function immuneConditionsOf(
  { observations }: Pick<PatientHistory, 'observations'>,
  day: EpochDay,
): readonly string[] {
  const known = new Set<string>(
    observations
      .filter(({ date = day, endDate = day }) => date <= day && endDate >= day)
      .map(({ code }) => code),
  );
  return [...known].filter((code) => immuneConditions.has(code) && !(code === '186' && known.has(notSevere)));
}
