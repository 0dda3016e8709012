import type { Patient } from 'fhir/r4.js';
import type { ComponentChildren, VNode } from 'preact';
import { formatDate } from '../format-date.ts';
import { nameOfPerson, numberOf, sexWords } from '../person-words.ts';
import type { Translate } from '../translate.ts';

type PrintHeadProps = {
  readonly title: string;
  /** Who gives it out. */
  readonly issuer: string;
  readonly patient: Patient;
  readonly day: string;
  readonly t: Translate;
  /** A code of 40 mm at the right. */
  readonly code?: ComponentChildren;
};

/** The head of a paper; on a screen it is there on a page that shows a paper alone. */
export function PrintHead({ title, issuer, patient, day, t, code }: PrintHeadProps): VNode {
  const facts = [
    patient.birthDate && t('person.born', { date: formatDate(t, patient.birthDate) }),
    sexWords(t, patient),
    numberOf(patient) && t('print.number', { number: numberOf(patient) ?? '' }),
  ].filter(Boolean);
  return (
    <div class="print-head paper-only">
      <div>
        <p class="print-title">{title}</p>
        <p>{t('print.issued', { issuer, date: formatDate(t, day) })}</p>
        <p class="print-person">
          <b>
            <bdi>{nameOfPerson(patient)}</bdi>
          </b>
          {facts.length > 0 && ` · ${facts.join(' · ')}`}
        </p>
      </div>
      {code !== undefined && <div class="print-code">{code}</div>}
    </div>
  );
}

/** Lines to sign on. */
export function PrintFoot({ t }: { readonly t: Translate }): VNode {
  return (
    <div class="print-foot paper-only">
      {(['print.authorized', 'print.signature', 'print.date'] as const).map((key) => (
        <div key={key}>{t(key)}</div>
      ))}
    </div>
  );
}
