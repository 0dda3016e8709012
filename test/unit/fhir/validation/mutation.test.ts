import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mostIssues } from '../../../../src/fhir/validation/run.ts';
import { readOracleCases, validate } from './test-validator.ts';

const resources = readOracleCases()
  .filter(({ id }) => id.endsWith('| right'))
  .map(({ resource }) => resource);

const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    ' ',
    '#',
    '#x',
    '2024-02-30',
    'Patient/1',
    '__proto__',
    '\u0000',
    '𝒳'.repeat(10),
    -0,
    1e308,
    null,
  ),
  fc.constant({ resourceType: 'Patient', contained: [{ resourceType: 'Bundle' }] }),
  fc.constant([[[]]]),
);
const oddName = fc.constantFrom(
  'extension',
  '_status',
  'contained',
  'resourceType',
  'id',
  'meta',
  'constructor',
  'valueX',
  'text',
);

/** Puts the value somewhere: `path` picks among the members at each level. */
function disturb(node: unknown, path: readonly number[], name: string, value: unknown): unknown {
  if (typeof node !== 'object' || node === null) return value;
  const keys = Object.keys(node);
  const [at = 0, ...rest] = path;
  const fallback = Array.isArray(node) ? String(node.length) : name;
  const key = keys[at % (keys.length + 1)] ?? fallback;
  const copy: Record<string, unknown> = Array.isArray(node) ? ([...node] as never) : { ...node };
  copy[key] = rest.length === 0 ? value : disturb(copy[key], rest, name, value);
  return copy;
}

it('never throws and ends soon, whatever stands in a resource', () => {
  const path = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      fc.constantFrom(...resources),
      fc.array(fc.tuple(path, oddName, oddValue), { minLength: 1, maxLength: 3 }),
      (resource, faults) => {
        const odd = faults.reduce(
          (at: unknown, [steps, name, value]) => disturb(at, steps, name, value),
          resource,
        );
        const issues = validate(odd as object, {
          profiles: ['http://hl7.org/fhir/us/immds/StructureDefinition/immds-patient'],
        });
        expect(issues.length).toBeLessThanOrEqual(mostIssues);
        for (const { text, expression } of issues)
          expect(text.length + (expression?.length ?? 0)).toBeLessThan(5000);
      },
    ),
    { numRuns: 3000 },
  );
});

it.each<[string, () => object]>([
  [
    'a wide list',
    () => ({ resourceType: 'Patient', name: Array.from({ length: 100_000 }, () => ({ text: 7 })) }),
  ],
  ['a long id', () => ({ resourceType: 'Patient', id: 'a'.repeat(5_000_000) })],
  ['long base64', () => ({ resourceType: 'Binary', contentType: 'a/b', data: 'A A'.repeat(1_000_000) })],
  ['a long code', () => ({ resourceType: 'Patient', language: 'a '.repeat(500_000) })],
  [
    'a long narrative',
    () => ({
      resourceType: 'Patient',
      text: {
        status: 'generated',
        div: `<div xmlns="http://www.w3.org/1999/xhtml">${'<p a="b">'.repeat(100_000)}`,
      },
    }),
  ],
  [
    'a long reference',
    () => ({ resourceType: 'Patient', managingOrganization: { reference: `${'A/'.repeat(500_000)}` } }),
  ],
  ['a deep extension', () => ({ resourceType: 'Patient', extension: [nest(90)] })],
  [
    'many concepts',
    () => ({
      resourceType: 'CodeSystem',
      status: 'active',
      content: 'complete',
      concept: Array.from({ length: 20_000 }, (_, n) => ({ code: `${n}` })),
    }),
  ],
  [
    'many items',
    () => ({
      resourceType: 'Questionnaire',
      status: 'active',
      item: Array.from({ length: 300 }, (_, n) => ({ linkId: `${n}`, type: 'string' })),
    }),
  ],
])('%s takes time in step with its size', (_, make) => {
  // What is quadratic runs into the time limit of the test.
  expect(validate(make()).length).toBeLessThanOrEqual(mostIssues);
});

function nest(depth: number): object {
  return depth === 0
    ? { url: 'http://a', valueString: 'x' }
    : { url: 'http://a', extension: [nest(depth - 1)] };
}
