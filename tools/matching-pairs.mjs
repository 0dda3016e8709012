// Labelled pairs as FHIR Patients, and their levels, for tools/train-matching.mjs and bench/matching.mjs.
import { readFileSync } from 'node:fs';

const identifierType = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const classes = { 'Not a Match': 0, 'Possible Match': 1, Match: 2 };

/** Reads `{ pairs: [{ id, set, expect, a, b }] }`, whose a and b are flat records of demographics. */
export function readPairs(path) {
  const { pairs } = JSON.parse(readFileSync(path, 'utf8'));
  return pairs.map(({ id, set, test, expect, a, b }) => {
    if (classes[expect] === undefined) throw new Error(`${id}: the label ${expect} is not known`);
    return {
      id,
      set,
      test,
      expect: classes[expect],
      a: toPatient(a),
      b: toPatient(b),
      key: JSON.stringify(a),
    };
  });
}

function toPatient(flat) {
  return dropEmpty({
    resourceType: 'Patient',
    identifier: identifiersOf(flat),
    name: namesOf(flat),
    telecom: flat.phone ? [{ system: 'phone', value: flat.phone }] : [],
    gender: { M: 'male', F: 'female' }[flat.gender],
    birthDate: flat.birthDate?.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'),
    address: [addressOf(flat)].filter((address) => Object.keys(address).length > 0),
    contact: contactOf(flat),
    ...birthOf(flat),
    extension: flat.motherMaidenName
      ? [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
            valueString: flat.motherMaidenName,
          },
        ]
      : [],
  });
}

function namesOf({ nameFirst, nameMiddle, nameLast, nameSuffix, nameLastHyph, nameAlias }) {
  const names = [
    dropEmpty({
      family: nameLast,
      given: [nameFirst, nameMiddle].filter(Boolean),
      suffix: nameSuffix ? [nameSuffix] : [],
    }),
  ];
  if (nameLastHyph) names.push({ use: 'old', family: nameLastHyph });
  if (nameAlias) names.push({ use: 'nickname', given: [nameAlias] });
  return names;
}

function identifiersOf({ ssn, mrns, medicaid }) {
  const typed = (code, value) => ({ type: { coding: [{ system: identifierType, code }] }, value });
  return [
    ...(ssn ? [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: ssn }] : []),
    ...(mrns ?? '')
      .split(/[,;\s]+/)
      .filter(Boolean)
      .map((value) => typed('MR', value)),
    ...(medicaid ? [typed('MA', medicaid)] : []),
  ];
}

function addressOf({ addressStreet1, addressStreet2, addressCity, addressState, addressZip }) {
  return dropEmpty({
    line: [addressStreet1, addressStreet2].filter(Boolean),
    city: addressCity,
    state: addressState,
    postalCode: addressZip,
  });
}

function contactOf({ guardianNameFirst, guardianNameLast }) {
  if (!guardianNameFirst && !guardianNameLast) return [];
  const name = dropEmpty({ family: guardianNameLast, given: [guardianNameFirst].filter(Boolean) });
  return [{ relationship: [{ coding: [{ system: identifierType, code: 'GUARD' }] }], name }];
}

function birthOf({ birthStatus, birthType, birthOrder }) {
  if (birthStatus === 'Y' || Number(birthType) > 1) {
    return birthOrder ? { multipleBirthInteger: Number(birthOrder) } : { multipleBirthBoolean: true };
  }
  return birthStatus === 'N' || birthType === '1' ? { multipleBirthBoolean: false } : {};
}

function dropEmpty(object) {
  const kept = Object.entries(object).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(kept);
}
