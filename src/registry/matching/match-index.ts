import type { Patient } from 'fhir/r4.js';
import type { OwnKeys } from '../../search/own-keys.ts';
import { matchKeys } from './match-keys.ts';
import { toMatchRecord } from './to-match-record.ts';

/** The code under which the keys stand in the index: no client can ask by it. */
export const matchKeyCode = 'match-key';

/** By what Patients that may be of one person are found. */
export const matchIndex: OwnKeys = {
  type: 'Patient',
  code: matchKeyCode,
  version: '1',
  keysOf: (resource) => matchKeys(toMatchRecord(resource as Patient)),
};
