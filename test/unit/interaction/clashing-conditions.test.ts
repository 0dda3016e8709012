import { expect, it } from 'vitest';
import { refuseClashes } from '../../../src/interaction/clashing-conditions.ts';
import type { Filter } from '../../../src/search/filter.ts';
import { change, token } from '../../contract/fixtures.ts';

const written = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    entry: n,
    change: change({ id: `p${n}`, index: { code: [token(`c${n}`)] } }),
  }));
const conditions = (count: number, noneMatch: (n: number) => Filter) =>
  Array.from({ length: count }, (_, n) => ({ entry: -1, type: 'Patient', noneMatch: noneMatch(n) }));
const absent: Filter = { kind: 'present', param: 'other', kinds: ['token'] };
const coded = (n: number): Filter => ({
  kind: 'value',
  param: 'code',
  test: { kind: 'token', anyOf: [{ code: `x${n}` }] },
});
const pace = () => undefined;

it('compares a million times where no code tells entries apart, and not once more', async () => {
  await refuseClashes(
    conditions(1000, () => absent),
    written(1000),
    pace,
  );
  const more = refuseClashes(
    conditions(1000, () => absent),
    written(1001),
    pace,
  );
  await expect(more).rejects.toMatchObject({ kind: 'too-large' });
});

it('looks only at entries that have the code', async () => {
  await refuseClashes(conditions(5000, coded), written(5000), pace);
  const either: Filter = { kind: 'and', of: [coded(1), { kind: 'or', of: [absent, coded(2)] }] };
  await refuseClashes(
    conditions(2000, () => either),
    written(5000),
    pace,
  );
});
