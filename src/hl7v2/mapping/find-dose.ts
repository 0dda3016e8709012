import type { Identifier, Immunization } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import { typeOf } from './authority.ts';

type KeptDose = Resource & Immunization;

type Sent = {
  readonly sent: Immunization;
  /** RXA-20 RE or NA: it was not given; an order that deletes does not say so by the status that it gives. */
  readonly isNotGiven: boolean;
  /** The ORC-3 stands at several orders, so that it says nothing by itself. */
  readonly isShared: boolean;
  readonly action: 'add' | 'update' | 'delete';
  /** The system of numbers that are sent without an authority. */
  readonly usual: string | undefined;
};

/**
 * Which dose of a record an order means: the one with its ORC-3 (id and authority); where either has none, that of the same
 * vaccine and day. A refusal is never a dose that was given. An add with an ORC-3 that is kept with another vaccine is
 * another dose, as of senders who number visits: it must not take the place of one; and nobody deletes a vaccine by the
 * name of another. A number that is sent with its authority once and without it another time is one, of one vaccine and day.
 */
export function findDose(
  doses: readonly KeptDose[],
  filler: Identifier | undefined,
  { sent, isNotGiven, isShared, action, usual }: Sent,
): KeptDose | undefined {
  const named = filler ? doses.filter((dose) => hasFiller(dose, filler)) : [];
  const alike = preferred(named.filter((dose) => isAlike(dose, sent, isNotGiven)));
  if (alike) return alike;
  const [only, ...others] = named;
  const isKey = only && others.length === 0 && !isShared;
  if (isKey && (action === 'update' || sharesCode(only, sent))) return only;
  const bare = filler && doses.filter((dose) => hasBareFiller(dose, filler, usual));
  const meant = preferred((bare ?? []).filter((dose) => isAlike(dose, sent, isNotGiven)));
  if (meant) return meant;
  return preferred(doses.filter((dose) => (!filler || !fillerIn(dose)) && isAlike(dose, sent, isNotGiven)));
}

/** One that counts, before one that was an error. */
function preferred(doses: readonly KeptDose[]): KeptDose | undefined {
  return doses.find(({ status }) => status !== 'entered-in-error') ?? doses[0];
}

function hasFiller({ identifier = [] }: Immunization, { system, value }: Identifier): boolean {
  return identifier.some((one) => typeOf(one) !== 'PLAC' && one.system === system && one.value === value);
}

/** The same number, of which one was sent without an authority. */
function hasBareFiller(
  { identifier = [] }: Immunization,
  { system, value }: Identifier,
  usual: string | undefined,
): boolean {
  return identifier.some(
    (one) =>
      typeOf(one) !== 'PLAC' &&
      one.value === value &&
      usual !== undefined &&
      [one.system, system].includes(usual),
  );
}

const fillerIn = ({ identifier = [] }: Immunization) => identifier.find((one) => typeOf(one) === 'FILL');

/** The same vaccine on the same day, both given or both not. */
export function isAlike(
  kept: Immunization,
  sent: Immunization,
  isNotGiven = sent.status === 'not-done',
): boolean {
  if (dayOf(kept) === undefined || dayOf(kept) !== dayOf(sent)) return false;
  const isSameKind = kept.status === 'entered-in-error' || (kept.status === 'not-done') === isNotGiven;
  return isSameKind && sharesCode(kept, sent);
}

function sharesCode(kept: Immunization, sent: Immunization): boolean {
  return codesOf(kept).some((code) => codesOf(sent).includes(code));
}

export const dayOf = ({ occurrenceDateTime }: Immunization) => occurrenceDateTime?.slice(0, 10);

function codesOf({ vaccineCode }: Immunization): readonly string[] {
  return (vaccineCode?.coding ?? []).map(({ system, code }) => `${system}|${code}`);
}

export const vaccineAndDay = (sent: Immunization): string => `${dayOf(sent)}|${codesOf(sent)[0]}`;
