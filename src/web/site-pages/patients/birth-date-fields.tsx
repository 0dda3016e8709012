import type { VNode } from 'preact';
import { parsePartialDate } from '../../../values/partial-date.ts';
import type { Translate } from '../../translate.ts';

/** A known date is typed in three fields; a calendar would have to be paged back for years. */
export type ThreeFields = { readonly year: string; readonly month: string; readonly day: string };

export function threeFieldsOf(fields: URLSearchParams, name: string): ThreeFields {
  const part = (which: string) => (fields.get(`${name}-${which}`) ?? '').trim().slice(0, 40);
  return { year: part('year'), month: part('month'), day: part('day') };
}

/** A FHIR date, as far as it was typed; undefined: nothing was; `wrong`: there is no such date. */
export function dateOfFields({ year, month, day }: ThreeFields): string | 'wrong' | undefined {
  if (year === '' && month === '' && day === '') return undefined;
  const pad = (text: string) => text.padStart(2, '0');
  const text = [year, ...(month === '' ? [] : [pad(month)]), ...(day === '' ? [] : [pad(day)])].join('-');
  const isGap = month === '' && day !== '';
  return !isGap && parsePartialDate(text) ? text : 'wrong';
}

export function fieldsOfDate(date = ''): ThreeFields {
  const [year = '', month = '', day = ''] = date.split('-');
  return { year, month, day };
}

type DateFieldsProps = {
  readonly name: string;
  readonly legend: string;
  readonly value: ThreeFields;
  readonly fault?: string | undefined;
  readonly t: Translate;
};

export function DateFields({ name, legend, value, fault, t }: DateFieldsProps): VNode {
  const parts = [
    ['month', t('patients.month'), 2],
    ['day', t('patients.day'), 2],
    ['year', t('patients.year'), 4],
  ] as const;
  return (
    <fieldset class={fault ? 'date-fields wrong' : 'date-fields'}>
      <legend>{legend}</legend>
      {fault && (
        <span class="fault small" id={`${name}-fault`}>
          {fault}
        </span>
      )}
      <div class="date-parts">
        {parts.map(([part, label, digits]) => (
          <div key={part} class={`field digits-${digits}`}>
            <label for={`${name}-${part}`}>{label}</label>
            <input
              type="text"
              id={`${name}-${part}`}
              name={`${name}-${part}`}
              inputmode="numeric"
              maxLength={digits}
              autocomplete="off"
              value={value[part]}
              {...(fault && { 'aria-invalid': 'true', 'aria-describedby': `${name}-fault` })}
            />
          </div>
        ))}
      </div>
    </fieldset>
  );
}
