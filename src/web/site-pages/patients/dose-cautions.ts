import { formatEpochDay } from '../../../values/epoch-day.ts';
import { daysMeantBy, parseEpochDay, parsePartialDate } from '../../../values/partial-date.ts';
import type { SiteServices } from '../../site/site-services.ts';
import type { VaccineChoice } from '../../vaccine-names/find-vaccine.ts';
import { cautionOfDeath } from './after-death.ts';
import { fitsRoute, parseExpiry } from './doses-form.ts';
import type { FormFault } from './form-fault.ts';
import type { Chart } from './load-chart.ts';

/** A dose as it is looked at before it is written down. */
export type LookedAt = {
  readonly vaccine: VaccineChoice;
  /** Its place on the form, from 0, and the fields that what is told of it leads to. */
  readonly nth: number;
  readonly fields: Readonly<Record<'vaccine' | 'date', string>>;
  readonly expiry?: string;
  readonly route?: string;
};

type Looking = {
  readonly chart: Chart;
  readonly services: Pick<SiteServices, 'vaccineFacts'>;
  /** When they were given, as far as it is known. */
  readonly date: string;
};

/**
 * What is odd of these doses, and may be true all the same: it is told once, and who says that it is so saves it. A record of
 * what was given is never refused for what should have been given.
 */
export function cautionsOf(doses: readonly LookedAt[], looking: Looking): readonly FormFault[] {
  const [first] = doses;
  return [
    ...(first ? cautionOfDeath(looking.chart.view.patient, first.fields.date) : []),
    ...doses.flatMap((dose, at) => [
      ...sameDay(dose, looking),
      ...sameForm(dose, doses.slice(0, at), looking),
      ...tooYoung(dose, looking),
      ...farExpiry(dose, looking),
      ...oddRoute(dose),
    ]),
  ];
}

/** A dose of one of its groups stands there for that day already. */
function sameDay({ vaccine, nth, fields }: LookedAt, { chart, services, date }: Looking) {
  const own = services.vaccineFacts(vaccine.cvx).groups;
  const there = chart.view.groups
    .filter(({ group }) => own.includes(group))
    .flatMap(({ doses }) => doses.filter((dose) => dose.date === date));
  const [other] = there;
  const values = { number: nth + 1, vaccine: vaccine.name, other: other?.vaccine ?? '' };
  return other ? [{ field: fields.vaccine, key: 'caution.same-day', values } as const] : [];
}

/** Two doses of the form have a part in one group. */
function sameForm({ vaccine, nth, fields }: LookedAt, before: readonly LookedAt[], { services }: Looking) {
  const own = services.vaccineFacts(vaccine.cvx).groups;
  const other = before.find(
    (one) =>
      one.vaccine.cvx === vaccine.cvx ||
      services.vaccineFacts(one.vaccine.cvx).groups.some((group) => own.includes(group)),
  );
  const values = { number: nth + 1, vaccine: vaccine.name, other: other?.vaccine.name ?? '' };
  return other ? [{ field: fields.vaccine, key: 'caution.same-form', values } as const] : [];
}

/** As far as both days are known. */
function tooYoung({ vaccine, nth, fields }: LookedAt, { chart, services, date }: Looking) {
  const birth = parseEpochDay(chart.view.patient.birthDate ?? '');
  const first = birth === undefined ? undefined : services.vaccineFacts(vaccine.cvx).firstDayFor(birth);
  const given = parsePartialDate(date);
  if (first === undefined || !given || daysMeantBy(given).last >= first) return [];
  const values = { number: nth + 1, vaccine: vaccine.name, date: formatEpochDay(first) };
  return [{ field: fields.vaccine, key: 'caution.young', values } as const];
}

/** Years after the dose. No vaccine is kept for so long. */
const longestKept = 10;

function farExpiry({ nth, expiry = '' }: LookedAt, { date }: Looking) {
  const day = parseExpiry(expiry);
  const [year = ''] = date.split('-');
  if (day === undefined || day <= `${String(Number(year) + longestKept).padStart(4, '0')}${date.slice(4)}`) {
    return [];
  }
  const values = { number: nth + 1, date: day };
  return [{ field: `expiry-${nth}`, key: 'caution.expiry', values } as const];
}

function oddRoute({ vaccine, nth, route = '' }: LookedAt) {
  const values = { number: nth + 1, vaccine: vaccine.name };
  return fitsRoute(vaccine.cvx, route)
    ? []
    : [{ field: `route-${nth}`, key: 'caution.route', values } as const];
}

/** Which cautions somebody has seen: what is new since then is told again. */
export function seenOf(cautions: readonly FormFault[]): string {
  return cautions
    .map(({ field, key, values = {} }) => [field, key, ...Object.values(values)].join(' '))
    .join('|')
    .slice(0, 4000);
}
