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
  const facts = factsOf(t, patient);
  return (
    <div class="print-head paper-only">
      <div>
        <p class="print-title">{title}</p>
        <p>{t('print.issued', { issuer, date: formatDate(t, day) })}</p>
        <p class="print-person">
          <b>
            <bdi>{nameOfPerson(patient)}</bdi>
          </b>
          {facts !== '' && ` · ${facts}`}
        </p>
      </div>
      {code !== undefined && <div class="print-code">{code}</div>}
    </div>
  );
}

/** What tells a person from others of the same name. */
export function factsOf(t: Translate, patient: Patient): string {
  const number = numberOf(patient);
  return [
    patient.birthDate && t('person.born', { date: formatDate(t, patient.birthDate) }),
    sexWords(t, patient),
    number && t('print.number', { number }),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** What stands under the lines to sign on. */
export function signWords(t: Translate): readonly string[] {
  return [t('print.authorized'), t('print.signature'), t('print.date')];
}

/** Lines to sign on. */
export function PrintFoot({ t }: { readonly t: Translate }): VNode {
  return (
    <div class="print-foot paper-only">
      {signWords(t).map((words) => (
        <div key={words}>{words}</div>
      ))}
    </div>
  );
}
