import type { HumanName, Immunization, Organization, Patient } from 'fhir/r4.js';
import { writtenDayOf } from '../../values/instant.ts';
import { parsePartialDate } from '../../values/partial-date.ts';

const cvx = 'http://hl7.org/fhir/sid/cvx';

/** Vaccine Credential guide: of these a verifier knows the code; the first that a dose has goes into the card. */
const vaccineSystems = [
  cvx,
  'http://snomed.info/sct',
  'https://www.gs1.org/gtin',
  'http://id.who.int/icd11/mms',
];

/** CVX "no vaccine administered": the dose was none. */
const noVaccine = '998';

/** The CVX code of a dose that has other codes alone; undefined where they do not say which. */
export type CvxByOtherCodes = (dose: Immunization) => string | undefined;

/** What a card says of a person: who it is and when they were born; undefined of somebody without a name. */
export function toCardPatient({ name = [], birthDate }: Patient): Patient | undefined {
  const shown = toCardName(nameOf(name));
  if (!shown) return undefined;
  return { resourceType: 'Patient', name: [shown], ...(birthDate !== undefined && { birthDate }) };
}

/** By the names that people go by at present. */
function nameOf(names: readonly HumanName[]): HumanName | undefined {
  const present = names.filter(({ use, period }) => use !== 'old' && use !== 'maiden' && !period?.end);
  const official = present.find(({ use }) => use === 'official');
  return official ?? present.find(({ use }) => use === 'usual') ?? present[0] ?? names[0];
}

function toCardName(name: HumanName | undefined): HumanName | undefined {
  // A name that is not known leaves null beside its extension (R4 json.html#primitive).
  const given = (name?.given ?? []).filter((one: string | null) => typeof one === 'string');
  const family = name?.family;
  if (family === undefined && given.length === 0) {
    return name?.text === undefined ? undefined : { text: name.text };
  }
  return { ...(family !== undefined && { family }), ...(given.length > 0 && { given }) };
}

/**
 * What a card says of a dose (Vaccine Credential guide, data minimization): the vaccine, the day, the lot, who gave it.
 * Undefined of what is no dose that was given, of a dose without a whole date, and of one whose vaccine no verifier knows.
 */
export function toCardDose(dose: Immunization, cvxByOtherCodes: CvxByOtherCodes): Immunization | undefined {
  const { status, occurrenceDateTime = '', lotNumber, isSubpotent } = dose;
  const coding = codingOf(dose, cvxByOtherCodes);
  if (status !== 'completed' || !coding || !isWholeDay(occurrenceDateTime)) return undefined;
  const lot = lotNumber && plainLot(lotNumber);
  const performer = performerOf(dose);
  return {
    resourceType: 'Immunization',
    status,
    vaccineCode: { coding: [coding] },
    patient: { reference: 'resource:0' },
    occurrenceDateTime: occurrenceDateTime.slice(0, 10),
    ...(lot && { lotNumber: lot }),
    ...(isSubpotent && { isSubpotent }),
    ...(performer && { performer: [{ actor: { display: performer } }] }),
  };
}

/** A dose that is dated to a month is told by no day of it. */
function isWholeDay(text: string): boolean {
  return parsePartialDate(text)?.precision === 'day' || writtenDayOf(text) !== undefined;
}

function codingOf(dose: Immunization, cvxByOtherCodes: CvxByOtherCodes) {
  const codings = dose.vaccineCode?.coding ?? [];
  const own = codings.find(({ system, code }) => system === cvx && code !== undefined)?.code;
  const known = own ?? cvxByOtherCodes(dose);
  if (known !== undefined) return known === noVaccine ? undefined : { system: cvx, code: known };
  for (const system of vaccineSystems) {
    const code = codings.find((coding) => coding.system === system)?.code;
    if (code !== undefined) return { system, code };
  }
  return undefined;
}

/** Shorter than 20 characters, and without the word: guide, lotNumber. */
function plainLot(lot: string): string | undefined {
  const plain = lot.replace(/^lot\b[\s.:#]*/i, '').trim();
  return plain !== '' && plain.length < 20 ? plain : undefined;
}

const organization: Organization['resourceType'] = 'Organization';

/** The organization alone, where the dose names it in less than 30 characters: a person who vaccinates is nobody's business. */
function performerOf({ performer = [] }: Immunization): string | undefined {
  const names = performer.flatMap(({ actor }) => {
    const isOrganization =
      actor?.type === organization || (actor?.reference ?? '').includes(`${organization}/`);
    return isOrganization && actor?.display !== undefined ? [actor.display] : [];
  });
  return names.find((name) => name.length < 30);
}
