import type { Patient } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';

/**
 * Which of the sender's own records with the number is the one that is meant: of those with the birth date or a given name
 * that was sent the one that has most in common with it. A number under which somebody else is kept was given twice: what is
 * kept stays, and the person gets a record beside it.
 */
export function chooseRecord(found: readonly Resource[], sent: Patient): Resource | undefined {
  const graded = found.map((one) => ({ one, grade: gradeOf(one as unknown as Patient, sent) }));
  const [best] = graded.filter(({ grade }) => grade > 0).sort((a, b) => b.grade - a.grade);
  return best?.one;
}

/** A family name by itself is a brother's too; birth date and given name hardly change in one message. */
function gradeOf(kept: Patient, sent: Patient): number {
  const isSameDay = kept.birthDate === sent.birthDate;
  const isGivenAlike = sharesOne(givenOf(kept), givenOf(sent));
  const isFamilyAlike = sharesOne(familyOf(kept), familyOf(sent));
  const isAlike = isSameDay || isGivenAlike || kept.birthDate === undefined;
  const isNameless = givenOf(kept).length === 0 && isFamilyAlike;
  if (!isAlike && !isNameless) return 0;
  // Digits are mistyped more often than a name is another.
  return 1 + [isGivenAlike, isGivenAlike, isSameDay, isFamilyAlike].filter(Boolean).length;
}

const sharesOne = (kept: readonly string[], sent: readonly string[]): boolean =>
  kept.some((one) => sent.includes(one));

const givenOf = ({ name = [] }: Patient): readonly string[] => name.flatMap(({ given }) => fold(given?.[0]));

const familyOf = ({ name = [] }: Patient): readonly string[] => name.flatMap(({ family }) => fold(family));

const fold = (part: string | undefined): readonly string[] =>
  part === undefined ? [] : [part.trim().toUpperCase()];
