import { compareBirthDates, compareBirthOrder, compareSex } from './compare-birth.ts';
import { compareNumbers, compareRecordNumbers } from './compare-identifiers.ts';
import { compareKin, compareMothers } from './compare-kin.ts';
import { compareFamily, compareGiven, compareMiddle, compareSuffix } from './compare-names.ts';
import { compareAddresses, compareEmails, comparePhones } from './compare-places.ts';
import type { MatchRecord } from './match-record.ts';

/** What each element of two records says. */
export function compareElements(a: MatchRecord, b: MatchRecord) {
  return {
    given: compareGiven(a, b),
    family: compareFamily(a, b),
    middle: compareMiddle(a, b),
    suffix: compareSuffix(a, b),
    birthDate: compareBirthDates(a.birth, b.birth),
    sex: compareSex(a, b),
    birthOrder: compareBirthOrder(a, b),
    address: compareAddresses(a, b),
    phone: comparePhones(a, b),
    email: compareEmails(a, b),
    ssn: compareNumbers(a.ssns, b.ssns),
    medicaid: compareNumbers(a.medicaids, b.medicaids),
    recordNumber: compareRecordNumbers(a, b),
    mother: compareMothers(a, b),
    guardianGiven: compareKin(a, b, 'given'),
    guardianFamily: compareKin(a, b, 'family'),
  };
}

export type ElementLevels = ReturnType<typeof compareElements>;
