import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLibrary } from '../../src/views/library-path.ts';
import { compilePlainPath } from '../../src/views/plain-path.ts';

const base = 'https://registry.example/fhir';
const library = await openLibrary(base);

const text = fc.constantFrom('a', 'b', 'official', 'Boston', 'urn:x');
const period = fc.record({ start: fc.constantFrom('2020', '2021-02-03') }, { requiredKeys: [] });
const extension = fc.oneof(
  fc.record({ url: text, valueString: text }),
  fc.record({ url: text, valueCoding: fc.record({ code: text, system: text }, { requiredKeys: [] }) }),
  fc.record({ url: text, extension: fc.array(fc.record({ url: text, valueCode: text }), { minLength: 1 }) }),
);
const optional = { requiredKeys: ['resourceType', 'id'] as ('resourceType' | 'id')[] };
const list = <Value>(of: fc.Arbitrary<Value>) => fc.array(of, { minLength: 1, maxLength: 3 });
const reference = fc.record({
  reference: fc.constantFrom(
    'Organization/1',
    'Patient/2/_history/3',
    `${base}/Organization/4`,
    'https://elsewhere.example/fhir/Organization/5',
    '#contained',
    'urn:uuid:6',
  ),
});
const patient = fc.record(
  {
    resourceType: fc.constant('Patient'),
    id: fc.constant('p1'),
    active: fc.boolean(),
    birthDate: fc.constantFrom('2020', '2020-02', '2020-02-29'),
    deceasedBoolean: fc.boolean(),
    multipleBirthInteger: fc.nat(3),
    extension: list(extension),
    name: list(fc.record({ use: text, family: text, given: list(text), period }, { requiredKeys: [] })),
    telecom: list(fc.record({ system: text, value: text, rank: fc.nat(3) }, { requiredKeys: [] })),
    address: list(fc.record({ city: text, line: list(text) }, { requiredKeys: [] })),
    communication: list(
      fc.record({
        language: fc.record({ coding: list(fc.record({ code: text, system: text }, { requiredKeys: [] })) }),
        preferred: fc.boolean(),
      }),
    ),
    managingOrganization: reference,
    generalPractitioner: list(reference),
  },
  optional,
);

const step = fc.constantFrom('.first()', '[0]', '[1]');
const where = fc
  .tuple(fc.constantFrom('use', 'system', 'family', 'url', 'code'), text)
  .map(([name, value]) => `.where(${name} = '${value}')`);
const head = fc.oneof(
  fc
    .constantFrom(
      'id active birthDate deceased.ofType(boolean) deceased.ofType(dateTime) multipleBirth.ofType(integer)'.split(
        ' ',
      ),
    )
    .chain((names) => fc.constantFrom(...names)),
  fc
    .tuple(
      fc.constantFrom('name', 'telecom', 'address', 'extension', "extension('a')", 'name.period', '$this'),
      fc.oneof(fc.constant(''), step, where),
      fc.constantFrom(
        '',
        '.family',
        '.given',
        '.value',
        '.system',
        '.city',
        '.line',
        '.rank',
        '.start',
        '.value.ofType(string)',
        '.value.ofType(Coding).code',
        ".extension('b').value.ofType(code)",
      ),
      fc.oneof(fc.constant(''), step),
    )
    .map((parts) => parts.join('')),
);
const keys = fc.constantFrom(
  'getResourceKey()',
  'managingOrganization.getReferenceKey()',
  'managingOrganization.getReferenceKey(Organization)',
  'generalPractitioner.getReferenceKey(Patient)',
  'generalPractitioner.first().getReferenceKey( Organization )',
  "communication.where(language.coding.code = 'a').first().preferred",
  "communication.where( language.coding.system = 'urn:x' ).language.coding.code",
  "'a text'",
  '%rowIndex',
);
const path = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(head, fc.constantFrom('', '', '.exists()', '.empty()'))
      .map((parts) => parts.join('')),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('name', 'address'), fc.constantFrom(".given.join(', ')", '.line.join()'))
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: keys },
);

describe('paths as plain functions', () => {
  it('answer what the library of FHIRPath answers', () => {
    fc.assert(
      fc.property(patient, path, fc.nat(5), (resource, expression, rowIndex) => {
        const draw = compilePlainPath(expression, base);
        fc.pre(draw !== undefined);
        const plain = draw?.(structuredClone(resource), { rowIndex, resource });
        const whole = library(expression)(structuredClone(resource), { rowIndex, resource });
        expect(plain).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    'id',
    "name.where(use = 'official').first().given.join(' ')",
    "identifier.where(system='urn:x').value.first()",
    'occurrence.ofType(dateTime)',
    'patient.getReferenceKey(Patient)',
    "extension('http://hl7.org/x').extension('ombCategory').value.ofType(Coding).code",
    'meta.lastUpdated',
    'vaccineCode.coding[0].code',
  ])('are there for %s', (expression) => {
    expect(compilePlainPath(expression, base)).toBeDefined();
  });

  it.each([
    'name | address',
    'birthDate < today()',
    'value as Quantity',
    "name.where(period.start = '2020')",
    "name.where(given = 'a')",
    "name.where(rank = 'x')",
    'managingOrganization.resolve()',
    'Patient.name',
    "name.where(use = 'a' and family = 'b')",
    'telecom.value.ofType(string)',
    'name.exists() and active != false',
  ])('leave %s to the library', (expression) => {
    expect(compilePlainPath(expression, base)).toBeUndefined();
  });
});
