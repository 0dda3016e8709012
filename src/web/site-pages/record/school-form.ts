import type { GroupView } from '../../../registry/forecasting/record-view/record-view.ts';
import type { StatusCode } from '../../../registry/forecasting/vaccine-status.ts';
import type { Translate } from '../../translate.ts';
import { doseDate, groupName, notGivenWords } from '../../words.ts';
import type { OwnRecord } from './load-record.ts';

/** What schools ask for, kindergarten to twelfth grade. */
const asked: readonly string[] = ['DTaP/Tdap/Td', 'Polio', 'MMR', 'Varicella', 'HepB', 'Meningococcal'];

/** Reasons that are written down as an exemption. */
const exempting: ReadonlySet<string | undefined> = new Set(['RELIG', 'MEDPREC', 'IMMUNE']);

/** A requirement: only what counts is a date of the form. */
export type SchoolRow = {
  readonly group: string;
  readonly dates: string;
  readonly status: StatusCode | 'unknown';
  readonly exemptions: string;
};

export function schoolHead(t: Translate): readonly string[] {
  return [t('school.requirement'), t('school.dates'), t('school.status'), t('school.exemption')];
}

export function schoolRows({ view }: OwnRecord, t: Translate): readonly SchoolRow[] {
  return asked.map((group) => {
    const found = view.groups.find((each) => each.group === group);
    const { doses, shown }: GroupView = found ?? { group, others: [], doses: [] };
    const counted = doses.filter(({ mark }) => mark === 'counts').map((dose) => doseDate(t, dose));
    const exempt = view.notGiven.filter(
      ({ groups, reason }) => groups.includes(group) && exempting.has(reason),
    );
    return {
      group: groupName(t, group),
      dates: counted.length === 0 ? t('school.no-dates') : counted.join('; '),
      status: shown?.status ?? 'unknown',
      exemptions: exempt.map(({ reason }) => notGivenWords(t, reason)).join('; '),
    };
  });
}
