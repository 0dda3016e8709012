import type { Patient } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';

/**
 * Which of the sender's own records with the number is the one that is meant: the first that has a name or the birth date
 * in common with what was sent. A number under which somebody else is kept was given twice: what is kept stays, and the
 * person gets a record beside it.
 */
export function chooseRecord(found: readonly Resource[], sent: Patient): Resource | undefined {
  return found.find((one) => agrees(one as unknown as Patient, sent));
}

function agrees(kept: Patient, sent: Patient): boolean {
  if (kept.birthDate === undefined || kept.birthDate === sent.birthDate) return true;
  return namesOf(kept).some((name) => namesOf(sent).includes(name));
}

/** Family and first given name, each by itself: either may change in one message, hardly both with the birth date. */
function namesOf({ name = [] }: Patient): readonly string[] {
  return name.flatMap(({ family, given }) =>
    [family, given?.[0]].flatMap((part) => (part === undefined ? [] : [part.trim().toUpperCase()])),
  );
}
