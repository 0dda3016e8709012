import { expect, it } from 'vitest';
import { applyJsonPatch } from '../../../src/fhir/json-patch.ts';
import { select } from '../../../src/fhir/xml-selector.ts';

/** An object with a list of so many values is two elements more. */
const listOf = (values: number) => ({ resourceType: 'Basic', a: { list: Array(values).fill(1) } });

it('copies 100,000 elements in a JSON patch, and not one more', () => {
  const copy = [{ op: 'copy', from: '/a', path: '/b' }];
  expect(applyJsonPatch(listOf(99_998), copy)).toMatchObject({ b: { list: { length: 99_998 } } });
  expect(() => applyJsonPatch(listOf(99_999), copy)).toThrow('copies more than 100000 elements');
});

it('counts a long text as many elements', () => {
  const long = { resourceType: 'Basic', a: 'x'.repeat(32 * 1000) };
  const copies = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ op: 'copy', from: '/a', path: `/b${n}` }));
  expect(Object.keys(applyJsonPatch(long, copies(99)))).toHaveLength(101);
  expect(() => applyJsonPatch(long, copies(100))).toThrow('copies more than');
});

it('reads a selector of 2,000 characters, and not one more', () => {
  const root = { namespace: '', name: 'Patient', attributes: {}, children: [] } as never;
  const selector = (length: number) => '/Patient'.padEnd(length, 'x');
  expect(() => select(root, selector(2000), {})).toThrow('means nothing that is there');
  expect(() => select(root, selector(2001), {})).toThrow('longer than 2000 characters');
});
