import type { Address, Patient } from 'fhir/r4.js';
import { formatDate, formatDayOf } from '../../format-date.ts';
import { sexWords, textOf } from '../../person-words.ts';
import { vaccineWords } from '../../titles/titles.tsx';
import type { Translate } from '../../translate.ts';
import type { DoseSide, Side } from './load-question.ts';
import { dayOfDose, sourceWords } from './review-words.ts';
import type { Line } from './side-by-side.tsx';

const motherExtension = 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName';

/** What two records say of a person, line by line. */
export function linesOfPeople(t: Translate, [newer, known]: readonly [Side, Side]): readonly Line[] {
  const lines: readonly (readonly [string, (side: Side) => readonly (string | undefined)[]])[] = [
    [t('review.line-name'), ({ patient }) => (patient.name ?? []).map(textOf)],
    [t('review.line-born'), ({ patient }) => [patient.birthDate && formatDate(t, patient.birthDate)]],
    [t('review.line-birth-order'), ({ patient }) => [birthOrder(t, patient)]],
    [t('review.line-sex'), ({ patient }) => [sexWords(t, patient)]],
    [t('review.line-mother'), ({ patient }) => [motherOf(patient)]],
    [t('review.line-contact'), ({ patient }) => contactsOf(patient)],
    [t('review.line-address'), ({ patient }) => (patient.address ?? []).map(addressWords)],
    [t('review.line-telecom'), ({ patient }) => (patient.telecom ?? []).map(({ value }) => value)],
    [t('review.line-numbers'), ({ patient }) => numbersOf(patient)],
    [t('review.line-clinic'), ({ clinic }) => [clinic]],
    [t('review.line-died'), ({ patient }) => [diedWords(t, patient)]],
    [
      t('review.line-record'),
      ({ patient, askedOf }) => [patient.id, askedOf && t('review.asked-of', { id: askedOf })],
    ],
  ];
  return lines.map(([name, of]) => ({ name, newer: present(of(newer)), known: present(of(known)) }));
}

/** What two reports say of a dose. */
export function linesOfDoses(t: Translate, [newer, known]: readonly [DoseSide, DoseSide]): readonly Line[] {
  const lines: readonly (readonly [string, (side: DoseSide) => readonly (string | undefined)[]])[] = [
    [t('grid.vaccine'), ({ vaccine }) => [vaccineWords(t, vaccine)]],
    [t('field.date'), ({ dose }) => [dayOfDose(t, dose)]],
    [t('field.source'), ({ dose }) => [sourceWords(t, dose)]],
    [t('field.lot'), ({ dose }) => [dose.lotNumber]],
    [t('field.product'), ({ dose }) => [dose.manufacturer?.display]],
    [t('field.organization'), ({ clinic }) => [clinic]],
    [t('review.line-site'), ({ dose }) => [dose.site?.text ?? dose.site?.coding?.[0]?.display]],
    [t('review.line-reported'), ({ dose }) => [dose.recorded && formatDayOf(t, dose.recorded)]],
    [t('review.line-record'), ({ dose }) => [dose.id]],
  ];
  return lines.map(([name, of]) => ({ name, newer: present(of(newer)), known: present(of(known)) }));
}

function present(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.flatMap((value) => (value === undefined || value === '' ? [] : value)))];
}

function birthOrder(
  t: Translate,
  { multipleBirthInteger, multipleBirthBoolean }: Patient,
): string | undefined {
  if (multipleBirthInteger !== undefined) return t('review.birth-order', { order: multipleBirthInteger });
  if (multipleBirthBoolean === undefined) return undefined;
  return t(multipleBirthBoolean ? 'review.multiple' : 'review.single');
}

function motherOf({ extension = [] }: Patient): string | undefined {
  return extension.find(({ url }) => url === motherExtension)?.valueString;
}

function contactsOf({ contact = [] }: Patient): readonly string[] {
  return contact.map(({ name, telecom = [] }) =>
    [name && textOf(name), ...telecom.map(({ value }) => value)].filter(Boolean).join(', '),
  );
}

export function addressWords({ text, line = [], city, state, postalCode }: Address): string {
  return text ?? [...line, city, [state, postalCode].filter(Boolean).join(' ')].filter(Boolean).join(', ');
}

function numbersOf({ identifier = [] }: Patient): readonly (string | undefined)[] {
  return identifier.map(({ value, type, assigner }) =>
    [type?.coding?.[0]?.code ?? assigner?.display, value].filter(Boolean).join(' '),
  );
}

function diedWords(t: Translate, { deceasedDateTime, deceasedBoolean }: Patient): string | undefined {
  if (deceasedDateTime !== undefined) return formatDate(t, deceasedDateTime);
  return deceasedBoolean ? t('banner.died') : undefined;
}
