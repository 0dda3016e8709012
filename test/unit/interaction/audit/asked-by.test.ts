import { expect, it } from 'vitest';
import { askedBy } from '../../../../src/interaction/audit/asked-by.ts';

const bundle = (...urls: readonly string[]) =>
  ({ resourceType: 'Bundle', entry: urls.map((url) => ({ request: { method: 'GET', url } })) }) as never;

it('tells what each entry asks for', () => {
  expect(askedBy(bundle('Patient/p', 'Immunization?patient=p'), 'batch')).toBe(
    'GET Patient/p\nGET Immunization?patient=p',
  );
});

it('says how many it does not tell of', () => {
  const urls = Array.from({ length: 3000 }, (_, n) => `Patient/${n}`);
  for (const [kind, longest] of [
    ['batch', 20_000],
    ['transaction', 4000],
  ] as const) {
    const told = askedBy(bundle(...urls), kind);
    expect(told.length).toBeLessThan(longest + 50);
    const lines = told.split('\n');
    expect(lines.at(-1)).toBe(`… ${3000 - (lines.length - 1)} more`);
  }
});

it('takes entries that ask for nothing', () => {
  const entry = [null, 'x', {}, { request: null }, { request: { method: 1 } }];
  expect(askedBy({ resourceType: 'Bundle', entry } as never, 'batch').split('\n')).toHaveLength(5);
});
