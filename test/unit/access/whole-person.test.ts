import { expect, it } from 'vitest';
import { toWholePersonFilter } from '../../../src/access/restrict-filter.ts';
import { callerFor, patientsIn } from './access-world.ts';

const clinician = { role: 'clinician', organizations: ['a'] } as const;
const parent = { role: 'individual', ownPersons: ['own', 'pupil'], patient: 'own' } as const;

it.each<[string, Parameters<typeof callerFor>[0], readonly string[]]>([
  // Who objects is seen in part by everybody, whatever the scopes are.
  ['a clinic', { ...clinician, scopes: 'user/Immunization.rs' }, ['own', 'shy', 'back', 'dosed']],
  [
    'an app of a clinic for one',
    { ...clinician, patient: 'own', scopes: 'patient/Immunization.rs' },
    ['own'],
  ],
  ['a part of each', { ...clinician, scopes: 'user/Immunization.rs?status=completed' }, []],
  ['a part by a tag', { ...clinician, scopes: 'user/Immunization.rs?_tag=urn:x|y' }, []],
  ['a part by time', { ...clinician, scopes: 'user/Immunization.rs?_lastUpdated=gt2020' }, []],
  ['some by their ids', { ...clinician, scopes: 'user/Immunization.rs?_id=own-1' }, []],
  ['a parent', { ...parent, scopes: 'user/Immunization.rs' }, ['own', 'pupil']],
  ['an app of a child', { ...parent, scopes: 'patient/Immunization.rs' }, ['own']],
  [
    'an app of a child, and a part of each',
    { ...parent, scopes: 'patient/Immunization.rs user/Immunization.rs?status=completed' },
    ['own'],
  ],
  [
    'all, and a part of each',
    { ...parent, scopes: 'user/Immunization.rs user/Immunization.rs?status=completed' },
    ['own', 'pupil'],
  ],
  ['an auditor', { role: 'auditor', scopes: 'user/Immunization.rs' }, []],
])('all doses are seen by %s of whom it says', (_, given, seen) => {
  const filter = callerFor(given).grants.get('Immunization')?.search;
  expect(filter && patientsIn(toWholePersonFilter(filter))).toEqual(seen);
});
