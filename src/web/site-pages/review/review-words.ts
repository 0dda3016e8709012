import type { Immunization } from 'fhir/r4.js';
import { formatDate } from '../../format-date.ts';
import { parseTextKey, type Translate } from '../../translate.ts';
import { theOne, type VaccineNames } from '../../vaccine-names/find-vaccine.ts';
import type { Question } from './question.ts';

export function fieldWords(t: Translate, field: string): string {
  const key = parseTextKey(`field.${field}`);
  return key ? t(key) : field;
}

export function levelWords(t: Translate, level: string): string {
  const [, days] = /^(\d+) days$/.exec(level) ?? [];
  if (days !== undefined) return t.count('level.days', Number(days));
  // A key that ends in `.one` is the form of a number.
  const key = parseTextKey(`level.${level === 'one' ? 'one-thing' : level}`);
  return key ? t(key) : level;
}

export function ruleWords(t: Translate, rule: string): string {
  const key = parseTextKey(`rule.${rule}`);
  return key ? t(key) : rule;
}

/** Of two doses it is mostly one person. */
export function namesWords(t: Translate, [newer, known]: readonly [string, string]): string {
  return newer === known ? newer : t('review.names', { newer, known });
}

export function statusWords(
  t: Translate,
  { status, decision }: Pick<Question, 'status' | 'decision'>,
): string {
  if (decision !== undefined) return t(`decision.${decision}`);
  return t(status === 'requested' ? 'review.open' : 'review.closed');
}

export function percentOf({ score }: Pick<Question, 'score'>): string | undefined {
  return score === undefined ? undefined : `${Math.round(score * 100)}%`;
}

/** As the record calls it; else by its code. */
export function vaccineNameOf({ vaccineCode }: Immunization, names: VaccineNames): string {
  const { text, coding = [] } = vaccineCode;
  const cvx = coding.find(({ system }) => system === 'http://hl7.org/fhir/sid/cvx');
  const { display, code = '' } = cvx ?? coding[0] ?? {};
  const known = cvx && theOne(names.meantBy(code))?.name;
  return text ?? display ?? known ?? code;
}

export function dayOfDose(t: Translate, { occurrenceDateTime, occurrenceString }: Immunization): string {
  return occurrenceDateTime === undefined
    ? (occurrenceString ?? t('grid.no-date'))
    : formatDate(t, occurrenceDateTime);
}

export function sourceWords(t: Translate, { primarySource }: Immunization): string | undefined {
  if (primarySource === undefined) return undefined;
  return t(primarySource ? 'review.given' : 'review.told');
}
