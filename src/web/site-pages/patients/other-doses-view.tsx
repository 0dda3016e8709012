import type { VNode } from 'preact';
import { Field, PostForm } from '../../form-parts.tsx';
import { Cautions } from '../../parts/cautions.tsx';
import { type Fault, Faults, faultAt } from '../../parts/faults.tsx';
import { PersonBanner } from '../../parts/person-banner.tsx';
import type { Answer, Drawing } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import type { Translate } from '../../translate.ts';
import { DateFields, type ThreeFields } from './birth-date-fields.tsx';
import { mostDoses } from './doses-form.ts';
import { Choice, toFaults } from './doses-view.tsx';
import type { FormFault } from './form-fault.ts';
import type { Chart } from './load-chart.ts';
import { SavedNotice } from './patient-page.tsx';
import type { Saved } from './saved-doses.ts';
import { VaccineList, WhichVaccine } from './vaccine-fields.tsx';

export type OtherKind = 'past' | 'not-given';

export type OtherForm = {
  /** Several where they were not given for one reason; what is empty is none. */
  readonly vaccines: readonly string[];
  readonly date: ThreeFields;
  readonly place: string;
  readonly reason: string;
  readonly once: string;
  /** What was told as odd, and is so all the same. */
  readonly sure: string;
};

export const refusalReasons = ['PATOBJ', 'RELIG', 'MEDPREC', 'IMMUNE', 'OSTOCK'] as const;

/** The fields of the first vaccine have no number. */
export const ending = (nth: number) => (nth === 0 ? '' : `-${nth}`);

export type Shown = {
  readonly chart: Chart;
  readonly services: SiteServices;
  readonly kind: OtherKind;
  readonly form: OtherForm;
  readonly faults: readonly FormFault[];
  readonly cautions: readonly FormFault[];
  /** By the form before this one. */
  readonly saved?: Saved & { readonly note: string };
};

export function drawOther(shown: Shown): Answer {
  const { view } = shown.chart;
  return {
    kind: 'page',
    status: shown.faults.length + shown.cautions.length > 0 ? 422 : 200,
    draw: (drawing) => ({
      title: drawing.t(shown.kind === 'past' ? 'doses.past-title' : 'doses.not-given-title'),
      narrow: true,
      failed: shown.faults.length > 0,
      banner: <PersonBanner patient={view.patient} day={view.day} t={drawing.t} />,
      content: <OtherPage shown={shown} faults={toFaults(shown.faults, drawing.t)} {...drawing} />,
    }),
  };
}

function OtherPage({
  shown,
  faults,
  t,
  frame,
}: Drawing & { readonly shown: Shown; readonly faults: readonly Fault[] }): VNode {
  const { chart, form, kind, services } = shown;
  const path = `/app/patients/${chart.id}`;
  const options = [
    ['', ''],
    ...refusalReasons.map((code) => [code, t(`doses.reason.${code}`)] as const),
  ] as const;
  return (
    <>
      <Faults faults={faults} t={t} />
      <Cautions cautions={toFaults(shown.cautions, t)} t={t} />
      {shown.saved && <SavedNotice saved={shown.saved} csrf={frame.csrf} t={t} />}
      <h1>{t(kind === 'past' ? 'doses.past-title' : 'doses.not-given-title')}</h1>
      <section class="card">
        <PostForm
          action={`${path}/doses/new`}
          csrf={frame.csrf}
          hidden={{ kind, once: form.once, sure: form.sure, rows: String(form.vaccines.length) }}
        >
          {form.vaccines.map((typed, nth) => (
            <VaccineRow key={ending(nth)} typed={typed} nth={nth} shown={shown} faults={faults} t={t} />
          ))}
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
          <VaccineList names={services.vaccineNames()} t={t} />
          <div class="actions">
            <button class="button primary" type="submit">
              {t(shown.cautions.length > 0 ? 'doses.save-anyway' : 'doses.save')}
            </button>
            {kind === 'past' && (
              <button class="button" type="submit" name="do" value="next">
                {t('doses.save-next')}
              </button>
            )}
            {kind === 'not-given' && form.vaccines.length < mostDoses && (
              <button class="button" type="submit" name="do" value="another">
                {t('doses.another-vaccine')}
              </button>
            )}
            <a class="button" href={path}>
              {t('doses.cancel')}
            </a>
          </div>
        </PostForm>
      </section>
    </>
  );
}

type VaccineRowProps = {
  readonly typed: string;
  readonly nth: number;
  readonly shown: Shown;
  readonly faults: readonly Fault[];
  readonly t: Translate;
};

function VaccineRow({ typed, nth, shown, faults, t }: VaccineRowProps): VNode {
  const number = nth + 1;
  const label = shown.form.vaccines.length > 1 ? t('doses.vaccine-number', { number }) : t('doses.vaccine');
  return (
    <>
      <Field
        name={`vaccine${ending(nth)}`}
        label={label}
        hint={t('doses.vaccine-hint')}
        fault={faultAt(faults, `vaccine${ending(nth)}`)}
        input={{ value: typed, list: 'vaccines', autocomplete: 'off' }}
      />
      {faultAt(faults, `which${ending(nth)}`) && (
        <WhichVaccine typed={typed} nth={ending(nth)} names={shown.services.vaccineNames()} t={t} />
      )}
    </>
  );
}
