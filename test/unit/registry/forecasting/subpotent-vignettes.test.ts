import { expect, it } from 'vitest';
import { ask } from './asking.ts';

const subpotent = (...codes: readonly string[]) => {
  const answer = ask({
    born: '2020-01-01',
    on: '2026-11-29',
    doses: [['2021-01-05', '03']],
    dose: {
      isSubpotent: true,
      ...(codes.length > 0 && { subpotentReason: codes.map((code) => ({ coding: [{ code }] })) }),
    },
  });
  return answer.evaluations[0]?.doseStatusReason;
};
const system = 'http://hl7.org/fhir/us/immds/CodeSystem/StatusReason';

it.each([
  ['a broken cold chain', 'coldchainbreak', 'storage', 'Stored badly'],
  ['a recall', 'recall', 'recall', 'Recalled'],
  ['a partial dose', 'partial', 'quantity', 'Partial dose'],
])('a dose is not valid for the reason that is said: %s', (_, sent, code, text) => {
  expect(subpotent(sent)).toEqual([{ coding: [{ system, code }], text }]);
});

it('no reason is made up where none is said', () => {
  expect(subpotent()).toEqual([{ text: 'Sub-potent; the record does not say why' }]);
});
