import type { Immunization } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { Field, PostForm } from '../../form-parts.tsx';
import { Cautions } from '../../parts/cautions.tsx';
import { type Fault, Faults, faultAt } from '../../parts/faults.tsx';
import { PersonBanner } from '../../parts/person-banner.tsx';
import { isSent } from '../../site/do-once.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Answer, Drawing } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { createAll } from '../../write-all.ts';
import { cautionOfDeath, faultsOfDeath } from './after-death.ts';
import { DateFields, dateOfFields, type ThreeFields, threeFieldsOf } from './birth-date-fields.tsx';
import { cautionsOf, seenOf } from './dose-cautions.ts';
import { vaccineMeantBy } from './doses-form.ts';
import { Choice, toFaults, VaccineList } from './doses-view.tsx';
import type { FormFault } from './form-fault.ts';
import type { Chart } from './load-chart.ts';
import { saveOnce } from './save-once.ts';
import type { Saved } from './saved-doses.ts';

/** Beside the doses of a visit: one that was given earlier or elsewhere, and one that was not given. */
export type Kind = 'visit' | 'past' | 'not-given';

export function kindOf(fields: URLSearchParams): Kind {
  const kind = fields.get('kind');
  return kind === 'past' || kind === 'not-given' ? kind : 'visit';
}

type Other = {
  readonly visit: Visit;
  readonly chart: Chart;
  readonly services: SiteServices;
  readonly kind: 'past' | 'not-given';
};

type Form = {
  readonly vaccine: string;
  readonly date: ThreeFields;
  readonly place: string;
  readonly reason: string;
  readonly once: string;
  /** What was told as odd, and is so all the same. */
  readonly sure: string;
};

const reasons = ['PATOBJ', 'RELIG', 'MEDPREC', 'IMMUNE', 'OSTOCK'] as const;

function readForm(fields: URLSearchParams): Form {
  const text = (name: string) => (fields.get(name) ?? '').trim().slice(0, 200);
  return {
    vaccine: text('vaccine'),
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
  const [year = '', month = '', day = ''] = chart.view.day.split('-');
  // What is refused is refused today; a past dose is of any day.
  const date = kind === 'not-given' && !visit.typed ? { year, month, day } : form.date;
  return show({ chart, services, kind, form: { ...form, once, date, sure: '' }, faults: [], cautions: [] });
}

export async function postOther({ visit, chart, services, kind }: Other): Promise<Answer> {
  const form = readForm(visit.fields);
  const faults = faultsOf(form, kind, chart, services);
  const again = (told: Pick<Shown, 'faults' | 'cautions'>, more: Partial<Form> = {}) =>
    show({ chart, services, kind, form: { ...form, sure: '', ...more }, ...told });
  if (faults.length > 0) return again({ faults, cautions: [] });
  const isAgain = await isSent(visit.notes, form.once);
  const cautions = isAgain ? [] : cautionsOfOther(form, kind, chart, services);
  if (cautions.length > 0 && seenOf(cautions) !== form.sure)
    return again({ faults: [], cautions }, { sure: seenOf(cautions) });
  const save = async (): Promise<Saved> => ({
    patient: chart.id,
    ids: await createAll(visit.ctx, [toImmunization(form, kind, chart, services)]),
    ...(kind === 'not-given' && { isRefusal: true }),
  });
  return saveOnce(visit.notes, { chart, once: form.once }, save, (told, once) =>
    again({ faults: told, cautions: [] }, { once }),
  );
}

/** Of what was not given there is no more to say than that the person has died. */
function cautionsOfOther(
  form: Form,
  kind: Other['kind'],
  chart: Chart,
  services: SiteServices,
): readonly FormFault[] {
  const date = dateOfFields(form.date) ?? '';
  const vaccine = vaccineMeantBy(form.vaccine, services.vaccines);
  if (kind === 'not-given' || !vaccine) return cautionOfDeath(chart.view.patient, 'given-month');
  const fields = { vaccine: 'vaccine', date: 'given-month' };
  return cautionsOf([{ vaccine, nth: 0, fields }], { chart, services, date });
}

function faultsOf(
  { vaccine, date, reason }: Form,
  kind: Other['kind'],
  { view }: Chart,
  { vaccines }: SiteServices,
): readonly FormFault[] {
  const day = dateOfFields(date);
  const isDate = day !== undefined && day !== 'wrong';
  const checks: readonly (readonly [boolean, FormFault])[] = [
    [
      !vaccineMeantBy(vaccine, vaccines),
      { field: 'vaccine', key: 'doses.no-vaccine', values: { number: 1 } },
    ],
    [!isDate, { field: 'given-month', key: 'doses.wrong-date' }],
    [isDate && day > view.day, { field: 'given-month', key: 'doses.future' }],
    [
      isDate && isBeforeBirth(day, view.patient.birthDate),
      { field: 'given-month', key: 'doses.before-birth' },
    ],
    [
      kind === 'not-given' && !reasons.some((one) => one === reason),
      { field: 'reason', key: 'doses.need-reason' },
    ],
  ];
  const wrong = checks.flatMap(([isWrong, fault]) => (isWrong ? [fault] : []));
  return isDate ? [...wrong, ...faultsOfDeath(view.patient, day, 'given-month')] : wrong;
}

/** As far as both are known. */
function isBeforeBirth(day: string, birthDate = ''): boolean {
  const length = Math.min(day.length, birthDate.length);
  return day.slice(0, length) < birthDate.slice(0, length);
}

function toImmunization(
  form: Form,
  kind: Other['kind'],
  chart: Chart,
  { vaccines }: SiteServices,
): Immunization {
  const vaccine = vaccineMeantBy(form.vaccine, vaccines);
  const coding = [{ system: 'http://hl7.org/fhir/sid/cvx', code: vaccine?.cvx ?? '' }];
  const common = {
    resourceType: 'Immunization',
    vaccineCode: { coding, text: vaccine?.name ?? '' },
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
    status: 'completed',
    reportOrigin: { coding: [{ system: origin, code: 'record' }] },
    ...(form.place !== '' && { location: { display: form.place } }),
  };
}

type Shown = Pick<Other, 'chart' | 'services' | 'kind'> & {
  readonly form: Form;
  readonly faults: readonly FormFault[];
  readonly cautions: readonly FormFault[];
};

function show(shown: Shown): Answer {
  const { view } = shown.chart;
  return {
    kind: 'page',
    status: shown.faults.length + shown.cautions.length > 0 ? 422 : 200,
    draw: (drawing) => ({
      title: drawing.t(shown.kind === 'past' ? 'doses.past-title' : 'doses.not-given-title'),
      narrow: true,
      failed: shown.faults.length > 0,
      banner: <PersonBanner patient={view.patient} day={view.day} t={drawing.t} />,
      content: <OtherForm shown={shown} faults={toFaults(shown.faults, drawing.t)} {...drawing} />,
    }),
  };
}

function OtherForm({
  shown,
  faults,
  t,
  frame,
}: Drawing & { readonly shown: Shown; readonly faults: readonly Fault[] }): VNode {
  const { chart, form, kind, services } = shown;
  const path = `/app/patients/${chart.id}`;
  const options = [['', ''], ...reasons.map((code) => [code, t(`doses.reason.${code}`)] as const)] as const;
  return (
    <>
      <Faults faults={faults} t={t} />
      <Cautions cautions={toFaults(shown.cautions, t)} t={t} />
      <h1>{t(kind === 'past' ? 'doses.past-title' : 'doses.not-given-title')}</h1>
      <section class="card">
        <PostForm
          action={`${path}/doses/new`}
          csrf={frame.csrf}
          hidden={{ kind, once: form.once, sure: form.sure }}
        >
          <Field
            name="vaccine"
            label={t('doses.vaccine')}
            hint={t('doses.vaccine-hint')}
            fault={faultAt(faults, 'vaccine')}
            input={{ value: form.vaccine, list: 'vaccines', autocomplete: 'off' }}
          />
          <DateFields
            name="given"
            legend={t('doses.date')}
            value={form.date}
            fault={faultAt(faults, 'given-month')}
            t={t}
          />
          {kind === 'past' ? (
            <Field name="place" label={t('doses.place')} input={{ value: form.place, autocomplete: 'off' }} />
          ) : (
            <Choice
              name="reason"
              label={t('doses.reason')}
              value={form.reason}
              options={options}
              fault={faultAt(faults, 'reason')}
            />
          )}
          <VaccineList vaccines={services.vaccines} />
          <div class="actions">
            <button class="button primary" type="submit">
              {t(shown.cautions.length > 0 ? 'doses.save-anyway' : 'doses.save')}
            </button>
            <a class="button" href={path}>
              {t('doses.cancel')}
            </a>
          </div>
        </PostForm>
      </section>
    </>
  );
}
