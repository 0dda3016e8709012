import type { Identifier, Immunization } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import { typeOf } from './authority.ts';

type KeptDose = Resource & Immunization;

type Sent = {
  readonly sent: Immunization;
  /** The ORC-3 stands at several orders, so that it says nothing by itself. */
  readonly isShared: boolean;
  readonly isAdd: boolean;
};

/**
 * Which dose of a record an order means: the one with its ORC-3 (id and authority); where either has none, that of the same
 * vaccine and day. A refusal is never a dose that was given. An add with an ORC-3 that is kept with another vaccine of
 * another day is another dose: it must not take the place of one.
 */
export function findDose(
  doses: readonly KeptDose[],
  filler: Identifier | undefined,
  { sent, isShared, isAdd }: Sent,
): KeptDose | undefined {
  const named = filler ? doses.filter((dose) => hasFiller(dose, filler)) : [];
  const alike = preferred(named.filter((dose) => isAlike(dose, sent)));
  if (alike) return alike;
  const [only, ...others] = named;
  const isKey = only && others.length === 0 && !isShared;
  if (isKey && !(isAdd && isOther(only, sent))) return only;
  return preferred(doses.filter((dose) => (!filler || !fillerIn(dose)) && isAlike(dose, sent)));
}

/** One that counts, before one that was an error. */
function preferred(doses: readonly KeptDose[]): KeptDose | undefined {
  return doses.find(({ status }) => status !== 'entered-in-error') ?? doses[0];
}

function hasFiller({ identifier = [] }: Immunization, { system, value }: Identifier): boolean {
  return identifier.some((one) => typeOf(one) !== 'PLAC' && one.system === system && one.value === value);
}

const fillerIn = ({ identifier = [] }: Immunization) => identifier.find((one) => typeOf(one) === 'FILL');

/** The same vaccine on the same day, both given or both not. */
export function isAlike(kept: Immunization, sent: Immunization): boolean {
  if (dayOf(kept) === undefined || dayOf(kept) !== dayOf(sent)) return false;
  const isSameKind =
    kept.status === 'entered-in-error' ||
    sent.status === 'entered-in-error' ||
    (kept.status === 'not-done') === (sent.status === 'not-done');
  return isSameKind && sharesCode(kept, sent);
}

const isOther = (kept: Immunization, sent: Immunization): boolean =>
  dayOf(kept) !== dayOf(sent) && !sharesCode(kept, sent);

function sharesCode(kept: Immunization, sent: Immunization): boolean {
  return codesOf(kept).some((code) => codesOf(sent).includes(code));
}

const dayOf = ({ occurrenceDateTime }: Immunization) => occurrenceDateTime?.slice(0, 10);

function codesOf({ vaccineCode }: Immunization): readonly string[] {
  return (vaccineCode?.coding ?? []).map(({ system, code }) => `${system}|${code}`);
}

export const vaccineAndDay = (sent: Immunization): string => `${dayOf(sent)}|${codesOf(sent)[0]}`;
