import { formatEpochDay } from '../../../values/epoch-day.ts';
import { ndcOf, parseGs1 } from '../../gs1/parse-gs1.ts';
import { outOfUse } from '../../out-of-use.ts';
import { isSent } from '../../site/do-once.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Answer, SitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { theOne, vaccineText } from '../../vaccine-names/find-vaccine.ts';
import { createAll } from '../../write-all.ts';
import { cautionsOf, type LookedAt, seenOf } from './dose-cautions.ts';
import {
  type DosesForm,
  emptyRow,
  faultsOfDoses,
  mostDoses,
  readDosesForm,
  toImmunizations,
  usualRoute,
} from './doses-form.ts';
import { drawDoses } from './doses-view.tsx';
import type { FormFault } from './form-fault.ts';
import { type Chart, loadChart, patientIdIn } from './load-chart.ts';
import { answerOther, kindOf, postOther } from './other-doses.ts';
import { saveOnce } from './save-once.ts';
import { toSaved } from './saved-doses.ts';

/** Records one to six doses of a visit; past doses and refusals have forms of their own under the same URL. */
export const newDosesPage: SitePage = {
  path: '/app/patients/:id/doses/new',
  name: 'record doses',
  roles: ['clinician'],
  get: async (visit, services) => {
    const chart = await chartOf(visit, services);
    if (!chart) return { kind: 'nothing' };
    if (outOfUse(chart.view.patient)) return toChart(chart);
    const kind = kindOf(visit.typed ?? visit.fields);
    if (kind !== 'visit') return answerOther({ visit, chart, services, kind });
    const form = visit.typed
      ? // What the form had was good in the session that has ended.
        { ...readDosesForm(visit.typed), once: await newOnce(visit), sure: '' }
      : await firstForm(visit, chart, services);
    return drawDoses({ chart, form, faults: [], cautions: [], names: services.vaccineNames() });
  },
  post: async (visit, services) => {
    const chart = await chartOf(visit, services);
    if (!chart) return { kind: 'nothing' };
    if (outOfUse(chart.view.patient)) return toChart(chart);
    const kind = kindOf(visit.fields);
    if (kind !== 'visit') return postOther({ visit, chart, services, kind });
    const form = readDosesForm(visit.fields);
    const asked = visit.fields.get('do');
    const show = (shown: DosesForm, faults: readonly FormFault[]) =>
      drawDoses({
        chart,
        form: { ...shown, sure: '' },
        faults,
        cautions: [],
        names: services.vaccineNames(),
      });
    // The first button of a form is the one that Enter presses: with an empty scan it saves.
    if (form.scan.trim() !== '') {
      const filled = fillFromScan(form, services, Number(chart.view.day.slice(0, 4)));
      return show(filled.form, filled.faults);
    }
    if (asked === 'another') return show({ ...form, rows: [...form.rows, emptyRow].slice(0, mostDoses) }, []);
    const names = services.vaccineNames();
    const known = { today: todayOf(visit), patient: chart.view.patient, names };
    const faults = faultsOfDoses(form, known);
    if (faults.length > 0) return show(form, faults);
    // What it saved itself is no reason to be asked.
    const cautions = (await isSent(visit.notes, form.once)) ? [] : cautionsOfForm(form, chart, services);
    if (cautions.length > 0 && seenOf(cautions) !== form.sure) {
      return drawDoses({ chart, form: { ...form, sure: seenOf(cautions) }, faults: [], cautions, names });
    }
    return saveForm(visit, chart, form, services);
  },
};

/** It says why nothing is written to this record, and which one is in use. */
function toChart({ id }: Chart): Answer {
  return { kind: 'go', to: `/app/patients/${id}` };
}

export function todayOf({ ctx }: Visit): string {
  return formatEpochDay(ctx.clock.today());
}

async function chartOf({ ctx, params }: Visit, services: SiteServices): Promise<Chart | undefined> {
  const id = patientIdIn(params);
  if (id === undefined) return undefined;
  // The plan of the visit is no part of the form.
  return loadChart(ctx, id, { ...services, operations: [] });
}

function newOnce({ notes }: Visit): Promise<string> {
  return notes.keep({ doses: 'new' });
}

/**
 * The vaccines that were chosen, each once: a combination stands for several groups. What was ticked without a vaccine has a
 * row too, which asks for it. Where it is given nobody knows before, so no site is filled in.
 */
async function firstForm(visit: Visit, chart: Chart, { vaccineNames }: SiteServices): Promise<DosesForm> {
  const names = vaccineNames();
  const chosen = visit.fields.getAll('give').map((nth) => visit.fields.get(`with-${nth}`) ?? '');
  const rows = [...new Set(chosen)].slice(0, mostDoses).flatMap((cvx) => {
    if (cvx === '') return [emptyRow];
    const vaccine = theOne(names.meantBy(cvx));
    return vaccine ? [{ ...emptyRow, vaccine: vaccineText(vaccine), route: usualRoute(vaccine.cvx) }] : [];
  });
  return {
    date: todayOf(visit),
    eligibility: lastEligibility(chart),
    hasSheet: true,
    scan: '',
    rows: rows.length === 0 ? [emptyRow] : rows,
    once: await newOnce(visit),
    sure: '',
  };
}

function lastEligibility({ view }: Chart): string {
  const codes = view.groups
    .flatMap(({ doses }) => doses)
    .sort((one, other) => (other.date ?? '').localeCompare(one.date ?? ''))
    .flatMap(({ resource }) => resource.programEligibility?.[0]?.coding?.[0]?.code ?? []);
  return codes[0] ?? '';
}

type Filled = { readonly form: DosesForm; readonly faults: readonly FormFault[] };

/** Fills the first row that the scan fits: the one of its vaccine without a lot, else an empty one, else a new one. */
function fillFromScan(form: DosesForm, services: SiteServices, year: number): Filled {
  const reading = parseGs1(form.scan, year);
  if (reading.kind === 'fault') return { form, faults: [{ field: 'scan', key: `scan.${reading.fault}` }] };
  const { gtin, lot = '', expiry = '', isLotUnsure } = reading.scan;
  const ndc = ndcOf(gtin);
  const vaccine = ndc === undefined ? undefined : services.vaccineOfNdc(ndc);
  const at = rowFor(form, vaccine?.cvx, services);
  if (at >= mostDoses) return { form, faults: [{ field: 'scan', key: 'scan.empty' }] };
  const there = form.rows[at] ?? emptyRow;
  const row = {
    ...there,
    ...(vaccine && { vaccine: vaccineText(vaccine), route: there.route || usualRoute(vaccine.cvx) }),
    lot,
    expiry: americanDay(expiry),
  };
  const rows = [...form.rows.slice(0, at), row, ...form.rows.slice(at + 1)];
  const faults: readonly FormFault[] = [
    ...(vaccine ? [] : [{ field: `vaccine-${at}`, key: 'scan.unknown-product', values: { gtin } } as const]),
    ...(isLotUnsure ? [{ field: `lot-${at}`, key: 'scan.check-lot', values: { lot } } as const] : []),
  ];
  return { form: { ...form, rows, scan: '' }, faults };
}

function rowFor({ rows }: DosesForm, cvx: string | undefined, { vaccineNames }: SiteServices): number {
  const names = vaccineNames();
  const open = rows.findIndex(
    (row) => row.lot === '' && cvx !== undefined && theOne(names.meantBy(row.vaccine))?.cvx === cvx,
  );
  if (open >= 0) return open;
  const empty = rows.findIndex(({ vaccine, lot }) => vaccine === '' && lot === '');
  return empty >= 0 ? empty : rows.length;
}

function americanDay(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${month}/${day}/${year}`;
}

/** What is odd of the doses of the form, each by its row. */
function cautionsOfForm(form: DosesForm, chart: Chart, services: SiteServices): readonly FormFault[] {
  const doses = form.rows.flatMap((row, nth): LookedAt[] => {
    const vaccine = theOne(services.vaccineNames().meantBy(row.vaccine));
    const fields = { vaccine: `vaccine-${nth}`, date: 'date' };
    return vaccine ? [{ vaccine, nth, fields, expiry: row.expiry, route: row.route }] : [];
  });
  return cautionsOf(doses, { chart, services, date: form.date });
}

async function saveForm(
  visit: Visit,
  chart: Chart,
  form: DosesForm,
  services: SiteServices,
): Promise<Answer> {
  const { notes, visitor, ctx } = visit;
  const practitioner = /^Practitioner\//.test(visitor.fhirUser ?? '') ? visitor.fhirUser : undefined;
  const giving = {
    patient: chart.id,
    organization: visitor.organizations[0],
    practitioner,
    names: services.vaccineNames(),
  };
  const vaccines = form.rows.flatMap(({ vaccine }) => theOne(giving.names.meantBy(vaccine)) ?? []);
  const save = async () => ({
    patient: chart.id,
    ids: await createAll(ctx, toImmunizations(form, giving)),
    vaccines: vaccines.map(toSaved),
  });
  return saveOnce(notes, { chart, once: form.once }, save, (faults, once) =>
    drawDoses({ chart, form: { ...form, once }, faults, cautions: [], names: services.vaccineNames() }),
  );
}
