import { expect, it } from 'vitest';
import { tellPerson } from './told-person.ts';

const schedules = ['USA-CDC-CDSI', 'USA-AAP'];

it('tells where schedules differ: what each says, by which change, and from where', () => {
  const text = tellPerson('2026-03-01', { born: '2024-12-01', schedules });
  const differing = text.slice(text.indexOf('Where the schedules differ'));
  expect(differing).toMatch(
    /\n {2}MMR\n {4}CDC's ACIP schedule, USA-CDC-CDSI [\d.-]+: dose 1 of 2, .*give MMR \(CVX 03\)\n/,
  );
  expect(differing).toMatch(
    /\n {4}American Academy of Pediatrics schedule, USA-AAP 2026-01: .*MMR \(CVX 03\); MMRV \(CVX 94\)\n {4}because: MMRV may be chosen .* \(source: American Academy/,
  );
  expect(differing).not.toContain('\n  Polio');
});

it('says that they do not differ', () => {
  const same = ['USA-CDC-CDSI', 'USA-CDC-CDSI'];
  expect(tellPerson('2026-03-01', { born: '2024-12-01', schedules: same })).toContain(
    '\nThe schedules say the same for this person\n',
  );
});
