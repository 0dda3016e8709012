import type { Patient } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { formatDate } from '../format-date.ts';
import { nameOfPerson, numberOf, parentOf, phoneOf, sexWords } from '../person-words.ts';
import type { Translate } from '../translate.ts';
import { exactAge } from '../words.ts';

type BannerProps = {
  readonly patient: Patient;
  readonly day: string;
  readonly t: Translate;
  /** Last funding that was written down for a dose. */
  readonly eligibility?: string | undefined;
  /** Whether it is the heading of its page. */
  readonly isHead?: boolean;
};

/** Whose record is open, on every page of it: a wrong patient must be seen. */
export function PersonBanner({ patient, day, t, eligibility, isHead = false }: BannerProps): VNode {
  const age = exactAge(t, patient.birthDate, day);
  const born = patient.birthDate === undefined ? t('person.no-birth-date') : formatDate(t, patient.birthDate);
  const parent = parentOf(patient);
  const Name = isHead ? 'h1' : 'p';
  const facts: readonly (readonly [string, string | undefined])[] = [
    [t('banner.born'), age === undefined ? born : `${born} (${age})`],
    [t('banner.sex'), sexWords(t, patient)],
    [t('banner.number'), numberOf(patient)],
    [t('banner.parent'), parent ?? undefined],
    [t('banner.phone'), parent === undefined ? phoneOf(patient) : undefined],
    [t('banner.eligibility'), eligibility],
    [t('banner.died'), patient.deceasedDateTime && formatDate(t, patient.deceasedDateTime)],
  ];
  return (
    <section class="banner" aria-label={t('banner.label')}>
      <div class="banner-inside">
        <Name class="banner-name">
          <bdi>{nameOfPerson(patient)}</bdi>
        </Name>
        <dl>
          {facts.map(
            ([term, words]) =>
              words !== undefined && (
                <div key={term}>
                  <dt>{term}</dt>
                  <dd>{words}</dd>
                </div>
              ),
          )}
        </dl>
      </div>
    </section>
  );
}
