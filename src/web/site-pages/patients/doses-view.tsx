import type { VNode } from 'preact';
import { Field, PostForm } from '../../form-parts.tsx';
import { formatDate } from '../../format-date.ts';
import { Cautions } from '../../parts/cautions.tsx';
import { type Fault, Faults, faultAt } from '../../parts/faults.tsx';
import { PersonBanner } from '../../parts/person-banner.tsx';
import type { Answer, Drawing } from '../../site/site-page.ts';
import { vaccineWords } from '../../titles/titles.tsx';
import type { Translate } from '../../translate.ts';
import type { VaccineNames } from '../../vaccine-names/find-vaccine.ts';
import {
  type DoseRow,
  type DosesForm,
  eligibilityCodes,
  mostDoses,
  routeCodes,
  siteCodes,
} from './doses-form.ts';
import type { FormFault } from './form-fault.ts';
import type { Chart } from './load-chart.ts';
import { VaccineList, WhichVaccine } from './vaccine-fields.tsx';

type Shown = {
  readonly chart: Chart;
  readonly form: DosesForm;
  readonly faults: readonly FormFault[];
  /** What is odd: it is saved when it is sent again. */
  readonly cautions: readonly FormFault[];
  readonly names: VaccineNames;
};

export function drawDoses(shown: Shown): Answer {
  return {
    kind: 'page',
    status: shown.faults.length + shown.cautions.length > 0 ? 422 : 200,
    draw: (drawing) => ({
      title: drawing.t('doses.title'),
      failed: shown.faults.length > 0,
      banner: <PersonBanner patient={shown.chart.view.patient} day={shown.chart.view.day} t={drawing.t} />,
      content: <DosesPage shown={shown} {...drawing} />,
    }),
  };
}

/** Faults as people read them: days in words. */
export function toFaults(faults: readonly FormFault[], t: Translate): readonly Fault[] {
  return faults.map(({ field, key, values = {} }) => {
    const { date } = values;
    const named = (['vaccine', 'other'] as const).flatMap((name) => {
      const value = values[name];
      return typeof value === 'string' ? [[name, vaccineWords(t, value)] as const] : [];
    });
    const shown = {
      ...values,
      ...Object.fromEntries(named),
      ...(typeof date === 'string' && { date: formatDate(t, date) }),
    };
    return { field, text: t(key, shown) };
  });
}

function DosesPage({ shown, t, frame }: Drawing & { readonly shown: Shown }): VNode {
  const { chart, form, names } = shown;
  const faults = toFaults(shown.faults, t);
  const path = `/app/patients/${chart.id}`;
  return (
    <>
      <Faults faults={faults} t={t} />
      <Cautions cautions={toFaults(shown.cautions, t)} t={t} />
      <h1>{t('doses.title')}</h1>
      <PostForm
        action={`${path}/doses/new`}
        csrf={frame.csrf}
        hidden={{ once: form.once, sure: form.sure, rows: String(form.rows.length) }}
      >
        <section class="card">
          <ScanField
            form={form}
            faults={faults}
            isFirst={faults.length + shown.cautions.length === 0}
            t={t}
          />
          <Common form={form} faults={faults} t={t} />
        </section>
        {form.rows.map((row, nth) => (
          <Row
            key={`row-${nth}`}
            row={row}
            nth={nth}
            faults={faults}
            names={names}
            isOpen={shown.cautions.some(({ field }) => field === `route-${nth}`)}
            t={t}
          />
        ))}
        <VaccineList names={names} t={t} />
        <div class="actions closing">
          <button class="button primary" type="submit" name="do" value="save" accesskey="s">
            {t(shown.cautions.length > 0 ? 'doses.save-anyway' : 'doses.save')}
          </button>
          {form.rows.length < mostDoses && (
            <button class="button" type="submit" name="do" value="another">
              {t('doses.another')}
            </button>
          )}
          <a class="button" href={path}>
            {t('doses.cancel')}
          </a>
        </div>
      </PostForm>
    </>
  );
}

type PartProps = {
  readonly form: DosesForm;
  readonly faults: readonly Fault[];
  readonly t: Translate;
};

/** Readers type and press Enter, which presses the first button of the form: this one. */
function ScanField({ form, faults, isFirst, t }: PartProps & { readonly isFirst: boolean }): VNode {
  return (
    <div class="scan-row">
      <Field
        name="scan"
        label={t('doses.scan')}
        hint={t('doses.scan-hint')}
        fault={faultAt(faults, 'scan')}
        input={{
          value: form.scan,
          autocomplete: 'off',
          autocapitalize: 'off',
          spellcheck: false,
          autofocus: isFirst,
        }}
      />
      <button class="button" type="submit" name="do" value="fill">
        {t('doses.fill')}
      </button>
    </div>
  );
}

function Common({ form, faults, t }: PartProps): VNode {
  return (
    <div class="fields">
      <Field
        name="date"
        label={t('doses.date')}
        fault={faultAt(faults, 'date')}
        input={{ type: 'date', value: form.date }}
      />
      <Choice
        name="eligibility"
        label={t('doses.eligibility')}
        value={form.eligibility}
        options={[['', ''], ...eligibilityCodes.map((code) => [code, t(`eligibility.${code}`)] as const)]}
      />
      <div class="choice">
        <input type="checkbox" id="sheet" name="sheet" value="yes" checked={form.hasSheet} />
        <label for="sheet">{t('doses.sheet')}</label>
      </div>
    </div>
  );
}

type RowProps = {
  readonly row: DoseRow;
  readonly nth: number;
  readonly faults: readonly Fault[];
  readonly names: VaccineNames;
  /** Something of what is folded away is told of. */
  readonly isOpen: boolean;
  readonly t: Translate;
};

function Row({ row, nth, faults, names, isOpen, t }: RowProps): VNode {
  const field = (name: 'vaccine' | 'lot' | 'expiry') => faultAt(faults, `${name}-${nth}`);
  const plain = { autocomplete: 'off', spellcheck: false } as const;
  return (
    <fieldset class="card">
      <legend>{t('doses.row', { number: nth + 1 })}</legend>
      <div class="fields">
        <Field
          name={`vaccine-${nth}`}
          label={t('doses.vaccine')}
          hint={t('doses.vaccine-hint')}
          fault={field('vaccine')}
          input={{ ...plain, value: row.vaccine, list: 'vaccines' }}
        />
        {faultAt(faults, `which-${nth}`) && (
          <WhichVaccine typed={row.vaccine} nth={`-${nth}`} names={names} t={t} />
        )}
        <Field
          name={`lot-${nth}`}
          label={t('doses.lot')}
          fault={field('lot')}
          input={{ ...plain, value: row.lot }}
        />
        <Field
          name={`expiry-${nth}`}
          label={t('doses.expiry')}
          hint={t('doses.expiry-hint')}
          fault={field('expiry')}
          input={{ ...plain, value: row.expiry, inputmode: 'numeric' }}
        />
      </div>
      <details class="rest" open={isOpen}>
        <summary>
          {t('doses.more')}
          {filledIn(row, t).map((words) => (
            <span key={words} class="quiet small">{` · ${words}`}</span>
          ))}
          <span class="out-of-sight">{`: ${t('doses.row', { number: nth + 1 })}`}</span>
        </summary>
        <div class="fields">
          <Choice
            name={`site-${nth}`}
            label={t('doses.site')}
            value={row.site}
            options={[['', ''], ...siteCodes.map((code) => [code, t(`site.${code}`)] as const)]}
          />
          <Choice
            name={`route-${nth}`}
            label={t('doses.route')}
            value={row.route}
            options={[['', ''], ...routeCodes.map((code) => [code, t(`route.${code}`)] as const)]}
          />
          <Choice
            name={`eligibility-${nth}`}
            label={t('doses.eligibility')}
            value={row.eligibility}
            options={[
              ['', t('doses.as-above')],
              ...eligibilityCodes.map((code) => [code, t(`eligibility.${code}`)] as const),
            ]}
          />
        </div>
      </details>
    </fieldset>
  );
}

/** What stands in the fields out of sight: nothing is saved that was not seen. */
function filledIn({ site, route, eligibility }: DoseRow, t: Translate): readonly string[] {
  return [
    ...siteCodes.filter((code) => code === site).map((code) => t(`site.${code}`)),
    ...routeCodes.filter((code) => code === route).map((code) => t(`route.${code}`)),
    ...eligibilityCodes.filter((code) => code === eligibility).map((code) => t(`eligibility.${code}`)),
  ];
}

type ChoiceProps = {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly fault?: string | undefined;
};

export function Choice({ name, label, value, options, fault }: ChoiceProps): VNode {
  return (
    <div class={fault ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {fault && (
        <span class="fault small" id={`${name}-fault`}>
          {fault}
        </span>
      )}
      <select
        id={name}
        name={name}
        {...(fault && { 'aria-invalid': 'true', 'aria-describedby': `${name}-fault` })}
      >
        {options.map(([code, words]) => (
          <option key={code} value={code} selected={code === value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
