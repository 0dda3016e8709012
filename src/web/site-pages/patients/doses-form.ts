import type { Immunization, Patient } from 'fhir/r4.js';
import { daysInMonth } from '../../../values/epoch-day.ts';
import { parsePartialDate } from '../../../values/partial-date.ts';
import { separator } from '../../gs1/parse-gs1.ts';
import {
  theOne,
  type VaccineChoice,
  type VaccineNames,
  vaccineTitle,
} from '../../vaccine-names/find-vaccine.ts';
import { faultsOfDeath } from './after-death.ts';
import type { FormFault } from './form-fault.ts';

/** A dose as it was typed. */
export type DoseRow = {
  readonly vaccine: string;
  readonly lot: string;
  readonly expiry: string;
  readonly site: string;
  readonly route: string;
  /** Empty: as above. */
  readonly eligibility: string;
};

export type DosesForm = {
  readonly date: string;
  readonly eligibility: string;
  readonly hasSheet: boolean;
  readonly scan: string;
  readonly rows: readonly DoseRow[];
  /** Good once: a form that is sent again saves nothing twice. */
  readonly once: string;
  /** What was told as odd, and is so all the same. */
  readonly sure: string;
};

/** Nobody gives more at one visit; six are many. */
export const mostDoses = 12;

export const emptyRow: DoseRow = { vaccine: '', lot: '', expiry: '', site: '', route: '', eligibility: '' };

export const siteCodes = ['LD', 'RD', 'LT', 'RT', 'LA', 'RA'] as const;
export const routeCodes = ['IM', 'SQ', 'PO', 'NASINHL'] as const;
export const eligibilityCodes = ['V01', 'V02', 'V03', 'V04', 'V05', 'V23', 'V25'] as const;

type Route = (typeof routeCodes)[number];

/** Vaccines that are swallowed: polio, rotavirus, typhoid, cholera. */
const swallowed = ['02', '178', '179', '182', '74', '116', '119', '122', '25', '26', '172', '173', '174'];
/** And those that are sprayed into the nose: live influenza vaccine. */
const sprayed = ['111', '149', '151', '333'];

/** How a vaccine is given that is not given into the muscle. */
const otherRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ...['03', '21', '94'].map((cvx) => [cvx, 'SQ'] as const),
  ...swallowed.map((cvx) => [cvx, 'PO'] as const),
  ...sprayed.map((cvx) => [cvx, 'NASINHL'] as const),
]);

export function usualRoute(cvx: string): Route {
  return otherRoutes.get(cvx) ?? 'IM';
}

/** Whether a vaccine can be given so: what is injected is neither swallowed nor sprayed, and the other way round. */
export function fitsRoute(cvx: string, route: string): boolean {
  const isInjected = (one: string) => one === 'IM' || one === 'SQ';
  const usual = usualRoute(cvx);
  return route === '' || route === usual || (isInjected(route) && isInjected(usual));
}

export function readDosesForm(fields: URLSearchParams): DosesForm {
  const text = (name: string, most = 100) => (fields.get(name) ?? '').trim().slice(0, most);
  const count = Math.min(Math.max(Number(text('rows')) || 1, 1), mostDoses);
  return {
    date: text('date'),
    eligibility: text('eligibility'),
    hasSheet: fields.get('sheet') === 'yes',
    scan: (fields.get('scan') ?? '').slice(0, 500),
    once: text('once'),
    sure: text('sure', 4000),
    rows: Array.from({ length: count }, (_, nth) => ({
      vaccine: vaccineIn(fields, `-${nth}`),
      // A scan that was read into another field: what parts it is part of no lot.
      lot: text(`lot-${nth}`).replaceAll(separator, ' ').trim(),
      expiry: text(`expiry-${nth}`),
      site: text(`site-${nth}`),
      route: text(`route-${nth}`),
      eligibility: text(`eligibility-${nth}`),
    })),
  };
}

/** The vaccine as it was typed, or the one that was chosen among those that it may be. */
export function vaccineIn(fields: URLSearchParams, nth = ''): string {
  const text = (name: string) => (fields.get(`${name}${nth}`) ?? '').trim().slice(0, 300);
  const typed = text('vaccine');
  const chosen = text('which');
  // Who types something else has chosen none of them.
  return chosen !== '' && text('asked') === typed ? chosen : typed;
}

/** What is to be put right of a vaccine that was typed; undefined where it is known. */
export function faultOfVaccine(
  typed: string,
  names: VaccineNames,
  { nth = '', number }: { readonly nth?: string; readonly number: number },
): FormFault | undefined {
  const meaning = names.meantBy(typed);
  switch (meaning.kind) {
    case 'one':
      return undefined;
    case 'several':
      return {
        field: `which${nth}`,
        key: meaning.isMisspelled ? 'doses.which-misspelled' : 'doses.which-vaccine',
        values: { number, text: typed },
      };
    case 'none':
      return { field: `vaccine${nth}`, key: 'doses.no-vaccine', values: { number } };
  }
}

/**
 * `MM/DD/YYYY`, with two digits of the year as on a vial, `MM/YYYY` as on a box, or as FHIR writes it; undefined: there is no
 * such day. What is good until a month is good until its last day.
 */
export function parseExpiry(text: string): string | undefined {
  const [, first, second, year] = /^(\d{1,2})[/.-](?:(\d{1,2})[/.-])?(\d{4}|\d{2})$/.exec(text) ?? [];
  if (first === undefined || year === undefined) {
    return parsePartialDate(text)?.precision === 'day' ? text : undefined;
  }
  const month = `${year.length === 2 ? `20${year}` : year}-${first.padStart(2, '0')}`;
  if (second !== undefined) return parseExpiry(`${month}-${second.padStart(2, '0')}`);
  const known = year.length === 4 ? parsePartialDate(month) : undefined;
  return known?.precision === 'month' ? `${month}-${daysInMonth(known.year, known.month)}` : undefined;
}

export type Known = {
  readonly today: string;
  readonly patient: Patient;
  readonly names: VaccineNames;
};

/** What must be put right before anything is saved; rows that are empty are none. */
export function faultsOfDoses(form: DosesForm, known: Known): readonly FormFault[] {
  const filled = form.rows
    .map((row, nth) => ({ row, nth }))
    .filter(({ row }) => row.vaccine !== '' || row.lot !== '');
  const faults = [...faultsOfDate(form.date, known)];
  if (filled.length === 0) faults.push({ field: 'vaccine-0', key: 'doses.none' });
  for (const { row, nth } of filled) faults.push(...faultsOfRow(row, nth, form.date, known));
  return faults;
}

function faultsOfDate(date: string, { today, patient }: Known): readonly FormFault[] {
  if (!isDay(date)) return [{ field: 'date', key: 'doses.wrong-date' }];
  if (date > today) return [{ field: 'date', key: 'doses.future' }];
  if (date < (patient.birthDate ?? '')) return [{ field: 'date', key: 'doses.before-birth' }];
  return faultsOfDeath(patient, date, 'date');
}

function isDay(text: string): boolean {
  return parsePartialDate(text)?.precision === 'day';
}

function faultsOfRow(row: DoseRow, nth: number, given: string, { names }: Known): readonly FormFault[] {
  const values = { number: nth + 1 };
  const faults: FormFault[] = [];
  const unknown = faultOfVaccine(row.vaccine, names, { nth: `-${nth}`, number: nth + 1 });
  if (unknown) faults.push(unknown);
  if (row.lot === '') faults.push({ field: `lot-${nth}`, key: 'doses.no-lot', values });
  const expiry = parseExpiry(row.expiry);
  if (expiry === undefined) faults.push({ field: `expiry-${nth}`, key: 'doses.no-expiry', values });
  else if (isDay(given) && expiry < given) {
    faults.push({
      field: `expiry-${nth}`,
      key: 'doses.expired',
      values: { ...values, lot: row.lot, date: expiry },
    });
  }
  return faults;
}

type Giving = {
  readonly patient: string;
  readonly organization: string | undefined;
  readonly practitioner: string | undefined;
  readonly names: VaccineNames;
};

const systems = {
  cvx: 'http://hl7.org/fhir/sid/cvx',
  mvx: 'http://hl7.org/fhir/sid/mvx',
  site: 'http://terminology.hl7.org/CodeSystem/v3-ActSite',
  route: 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration',
  financialClass: 'urn:oid:2.16.840.1.113883.12.64',
} as const;

const coded = (system: string, code: string) => ({ coding: [{ system, code }] });

/** The vaccine of a dose, and who made it where its trade name says so. */
export function productOf(vaccine: VaccineChoice): Pick<Immunization, 'vaccineCode' | 'manufacturer'> {
  const { cvx, maker } = vaccine;
  return {
    vaccineCode: { ...coded(systems.cvx, cvx), text: vaccineTitle(vaccine) },
    ...(maker && {
      manufacturer: { identifier: { system: systems.mvx, value: maker.mvx }, display: maker.name },
    }),
  };
}

/** The doses of a form that is right. */
export function toImmunizations(form: DosesForm, giving: Giving): readonly Immunization[] {
  return form.rows.flatMap((row) => {
    const vaccine = theOne(giving.names.meantBy(row.vaccine));
    return vaccine ? [toImmunization(row, vaccine, form, giving)] : [];
  });
}

function toImmunization(row: DoseRow, vaccine: VaccineChoice, form: DosesForm, giving: Giving): Immunization {
  const { organization, practitioner } = giving;
  const eligibility = row.eligibility === '' ? form.eligibility : row.eligibility;
  const expiry = parseExpiry(row.expiry);
  const actors = [
    ...(practitioner === undefined ? [] : [practitioner]),
    ...(organization === undefined ? [] : [`Organization/${organization}`]),
  ];
  const program = eligibilityCodes.find((code) => code === eligibility);
  return {
    resourceType: 'Immunization',
    status: 'completed',
    ...productOf(vaccine),
    patient: { reference: `Patient/${giving.patient}` },
    occurrenceDateTime: form.date,
    primarySource: true,
    lotNumber: row.lot,
    ...(expiry !== undefined && { expirationDate: expiry }),
    ...(siteCodes.some((code) => code === row.site) && { site: coded(systems.site, row.site) }),
    ...(routeCodes.some((code) => code === row.route) && { route: coded(systems.route, row.route) }),
    ...(program && { programEligibility: [coded(systems.financialClass, program)] }),
    ...(actors.length > 0 && { performer: actors.map((reference) => ({ actor: { reference } })) }),
    ...(form.hasSheet && {
      education: [{ documentType: 'Vaccine Information Statement', presentationDate: form.date }],
    }),
  };
}
