import type { Immunization } from 'fhir/r4.js';
import { isSent } from '../../site/do-once.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Answer } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { theOne, type VaccineChoice, vaccineText } from '../../vaccine-names/find-vaccine.ts';
import { createAll } from '../../write-all.ts';
import { cautionOfDeath, faultsOfDeath } from './after-death.ts';
import { isBeforeBirth } from './before-birth.ts';
import { dateOfFields, threeFieldsOf } from './birth-date-fields.tsx';
import { cautionsOf, seenOf } from './dose-cautions.ts';
import { emptyRow, faultOfVaccine, mostDoses, productOf, vaccineIn } from './doses-form.ts';
import type { FormFault } from './form-fault.ts';
import type { Chart } from './load-chart.ts';
import {
  drawOther,
  ending,
  type OtherForm,
  type OtherKind,
  refusalReasons,
  type Shown,
} from './other-doses-view.tsx';
import { saveOnce } from './save-once.ts';
import { isSaved, type Saved, toSaved } from './saved-doses.ts';

/** Beside the doses of a visit: one that was given earlier or elsewhere, and one that was not given. */
type Kind = 'visit' | OtherKind;

export function kindOf(fields: URLSearchParams): Kind {
  const kind = fields.get('kind');
  return kind === 'past' || kind === 'not-given' ? kind : 'visit';
}

type Other = {
  readonly visit: Visit;
  readonly chart: Chart;
  readonly services: SiteServices;
  readonly kind: OtherKind;
};

function readForm(fields: URLSearchParams): OtherForm {
  const text = (name: string) => (fields.get(name) ?? '').trim().slice(0, 200);
  const rows = Math.min(Math.max(Number(text('rows')) || 1, 1), mostDoses);
  return {
    vaccines: Array.from({ length: rows }, (_, nth) => vaccineIn(fields, ending(nth))),
    date: threeFieldsOf(fields, 'given'),
    place: text('place'),
    reason: text('reason'),
    once: text('once'),
    sure: (fields.get('sure') ?? '').slice(0, 4000),
  };
}

export async function answerOther({ visit, chart, services, kind }: Other): Promise<Answer> {
  const form = readForm(visit.typed ?? new URLSearchParams());
  // What a typed form had was good in the session that has ended.
  const once = await visit.notes.keep({ doses: kind });
  const saved = kind === 'past' ? await savedBefore(visit, chart) : undefined;
  const [year = '', month = '', day = ''] = chart.view.day.split('-');
  // What is refused is refused today; a past dose is of any day.
  const first =
    kind === 'not-given' && !visit.typed
      ? { date: { year, month, day }, vaccines: tickedIn(visit.fields, services) }
      : {};
  const place = form.place || (saved?.place ?? '');
  const shown = { ...form, ...first, place, once, sure: '' };
  return drawOther({ chart, services, kind, form: shown, faults: [], cautions: [], ...(saved && { saved }) });
}

/** What was saved by the form before, where another dose is added. */
async function savedBefore({ fields, notes }: Visit, { id }: Chart) {
  const note = fields.get('saved');
  const kept = note === null ? undefined : await notes.read(note);
  return note !== null && isSaved(kept) && kept.patient === id ? { ...kept, note } : undefined;
}

/** What was ticked on the chart; what has no vaccine chosen is asked for. */
function tickedIn(fields: URLSearchParams, { vaccineNames }: SiteServices): readonly string[] {
  const chosen = fields.getAll('give').map((nth) => fields.get(`with-${nth}`) ?? '');
  const texts = [...new Set(chosen)].slice(0, mostDoses).map((cvx) => {
    const vaccine = cvx === '' ? undefined : theOne(vaccineNames().meantBy(cvx));
    return vaccine ? vaccineText(vaccine) : emptyRow.vaccine;
  });
  return texts.length === 0 ? [''] : texts;
}

export async function postOther({ visit, chart, services, kind }: Other): Promise<Answer> {
  const form = readForm(visit.fields);
  const again = (told: Pick<Shown, 'faults' | 'cautions'>, more: Partial<OtherForm> = {}) =>
    drawOther({ chart, services, kind, form: { ...form, sure: '', ...more }, ...told });
  if (kind === 'not-given' && visit.fields.get('do') === 'another') {
    return again({ faults: [], cautions: [] }, { vaccines: [...form.vaccines, ''].slice(0, mostDoses) });
  }
  const faults = faultsOf(form, kind, chart, services);
  if (faults.length > 0) return again({ faults, cautions: [] });
  const isAgain = await isSent(visit.notes, form.once);
  const cautions = isAgain ? [] : cautionsOfOther(form, kind, chart, services);
  if (cautions.length > 0 && seenOf(cautions) !== form.sure)
    return again({ faults: [], cautions }, { sure: seenOf(cautions) });
  const vaccines = chosenIn(form, services);
  const save = async (): Promise<Saved> => ({
    patient: chart.id,
    ids: await createAll(
      visit.ctx,
      vaccines.map((vaccine) => toImmunization(vaccine, form, kind, chart)),
    ),
    vaccines: vaccines.map(toSaved),
    ...(kind === 'not-given' ? { isRefusal: true } : { place: form.place }),
  });
  const isNext = kind === 'past' && visit.fields.get('do') === 'next';
  const next = isNext ? { next: `/app/patients/${chart.id}/doses/new?kind=past&` } : {};
  return saveOnce(visit.notes, { chart, once: form.once, ...next }, save, (told, once) =>
    again({ faults: told, cautions: [] }, { once }),
  );
}

/** Each once, however often it was typed. */
function chosenIn({ vaccines }: OtherForm, { vaccineNames }: SiteServices): readonly VaccineChoice[] {
  const chosen = vaccines.flatMap((text) => theOne(vaccineNames().meantBy(text)) ?? []);
  return [...new Map(chosen.map((vaccine) => [vaccine.cvx, vaccine])).values()];
}

/** Of what was not given there is no more to say than that the person has died. */
function cautionsOfOther(
  form: OtherForm,
  kind: OtherKind,
  chart: Chart,
  services: SiteServices,
): readonly FormFault[] {
  const date = dateOfFields(form.date) ?? '';
  const [vaccine] = chosenIn(form, services);
  if (kind === 'not-given' || !vaccine) return cautionOfDeath(chart.view.patient, 'given-month');
  const fields = { vaccine: 'vaccine', date: 'given-month' };
  return cautionsOf([{ vaccine, nth: 0, fields }], { chart, services, date });
}

function faultsOf(
  { vaccines, date, reason }: OtherForm,
  kind: OtherKind,
  { view }: Chart,
  { vaccineNames }: SiteServices,
): readonly FormFault[] {
  const day = dateOfFields(date);
  const isDate = day !== undefined && day !== 'wrong';
  const checks: readonly (readonly [boolean, FormFault])[] = [
    [!isDate, { field: 'given-month', key: 'doses.wrong-date' }],
    [isDate && day > view.day, { field: 'given-month', key: 'doses.future' }],
    [
      isDate && isBeforeBirth(day, view.patient.birthDate),
      { field: 'given-month', key: 'doses.before-birth' },
    ],
    [
      kind === 'not-given' && !refusalReasons.some((one) => one === reason),
      { field: 'reason', key: 'doses.need-reason' },
    ],
  ];
  const isNone = vaccines.every((text) => text === '');
  const unknown = vaccines.flatMap((text, nth) => {
    if (text === '' && !(isNone && nth === 0)) return [];
    return faultOfVaccine(text, vaccineNames(), { nth: ending(nth), number: nth + 1 }) ?? [];
  });
  const wrong = [...unknown, ...checks.flatMap(([isWrong, fault]) => (isWrong ? [fault] : []))];
  return isDate ? [...wrong, ...faultsOfDeath(view.patient, day, 'given-month')] : wrong;
}

function toImmunization(
  vaccine: VaccineChoice,
  form: OtherForm,
  kind: OtherKind,
  chart: Chart,
): Immunization {
  const { vaccineCode, manufacturer } = productOf(vaccine);
  const common = {
    resourceType: 'Immunization',
    vaccineCode,
    patient: { reference: `Patient/${chart.id}` },
    occurrenceDateTime: dateOfFields(form.date) ?? '',
    primarySource: kind === 'not-given',
  } as const;
  if (kind === 'not-given') {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
    return { ...common, status: 'not-done', statusReason: { coding: [{ system, code: form.reason }] } };
  }
  const origin = 'http://terminology.hl7.org/CodeSystem/immunization-origin';
  return {
    ...common,
    ...(manufacturer && { manufacturer }),
    status: 'completed',
    reportOrigin: { coding: [{ system: origin, code: 'record' }] },
    ...(form.place !== '' && { location: { display: form.place } }),
  };
}
