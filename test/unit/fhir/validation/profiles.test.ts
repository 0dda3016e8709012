import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../src/fhir/resource.ts';
import { openValidator } from '../../../../src/fhir/validation/validator.ts';
import { readValidatorSources } from '../../../../src/shipped/validator.ts';
import { errorsOf, validate, validator } from './test-validator.ts';

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/';
const immds = 'http://hl7.org/fhir/us/immds/StructureDefinition/';
const patient = {
  resourceType: 'Patient',
  identifier: [{ system: 'http://example.org/mrn', value: '1' }],
  name: [{ family: 'Family' }],
  gender: 'female',
};
const asked = { profiles: [`${usCore}us-core-patient`] };

describe('profiles', () => {
  it('knows US Core and ImmDS', () => {
    const names = [
      'us-core-patient',
      'us-core-immunization',
      'us-core-race',
      'us-core-ethnicity',
      'us-core-birthsex',
    ];
    expect(names.filter((name) => !validator.knowsProfile(usCore + name))).toEqual([]);
    const own = [
      'immds-patient',
      'immds-immunization',
      'immds-immunizationevaluation',
      'immds-immunizationrecommendation',
    ];
    expect(own.filter((name) => !validator.knowsProfile(immds + name))).toEqual([]);
    expect(validator.knowsProfile(`${usCore}us-core-patient|6.1.0`)).toBe(true);
    expect(validator.knowsProfile('http://example.org/other')).toBe(false);
  });

  it('enforces what is asked for', () => {
    expect(errorsOf(patient, asked)).toEqual([]);
    expect(errorsOf({ resourceType: 'Patient' }, asked).map(({ expression }) => expression)).toEqual([
      'Patient.identifier',
      'Patient.name',
      'Patient.gender',
    ]);
    expect(errorsOf({ resourceType: 'Patient' })).toEqual([]);
  });

  it('enforces what the resource claims, as the caller wants it', () => {
    const claiming = { resourceType: 'Patient', meta: { profile: [`${usCore}us-core-patient`] } };
    expect(errorsOf(claiming)).toHaveLength(3);
    expect(errorsOf(claiming, { declared: 'warning' })).toEqual([]);
    expect(
      validate(claiming, { declared: 'warning' }).filter(({ code }) => code === 'required'),
    ).toHaveLength(3);
    expect(validate(claiming, { declared: 'ignore' }).filter(({ code }) => code === 'required')).toEqual([]);
  });

  it('does the same with what a resource inside of it claims, and asks of that nothing else', () => {
    const claiming = { resourceType: 'Patient', meta: { profile: [`${usCore}us-core-patient`] } };
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: claiming }] };
    const required = (options: Parameters<typeof validate>[1]) =>
      validate(bundle, options).filter(({ code }) => code === 'required');
    expect(required({}).map(({ severity }) => severity)).toEqual(['error', 'error', 'error']);
    expect(required({ declared: 'warning' }).map(({ severity }) => severity)).toEqual(
      Array(3).fill('warning'),
    );
    expect(required({ declared: 'ignore' })).toEqual([]);
    const asked = {
      declared: 'ignore',
      profiles: ['http://hl7.org/fhir/StructureDefinition/Bundle'],
    } as const;
    expect(errorsOf(bundle, asked)).toEqual([]);
  });

  it('warns of a claim that it does not know, and refuses to enforce one', () => {
    const url = 'http://example.org/StructureDefinition/x';
    expect(validate({ ...patient, meta: { profile: [url] } })).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        code: 'not-supported',
        expression: 'Patient.meta.profile[0]',
      }),
    );
    expect(errorsOf(patient, { profiles: [url] })).toMatchObject([{ code: 'not-supported' }]);
    expect(errorsOf(patient, { profiles: [`${usCore}us-core-immunization`] })).toMatchObject([
      { code: 'structure' },
    ]);
  });

  it('adds the rules of the profile it is derived from', () => {
    const issues = errorsOf({ resourceType: 'Patient' }, { profiles: [`${immds}immds-patient`] });
    expect(issues.map(({ expression }) => expression)).toContain('Patient.birthDate');
    expect(issues).toHaveLength(4);
  });

  it('checks an extension wherever it stands', () => {
    const race = {
      url: `${usCore}us-core-race`,
      extension: [
        { url: 'ombCategory', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code: 'x' } },
      ],
    };
    expect(errorsOf({ ...patient, extension: [race] })).toMatchObject([
      { code: 'code-invalid', expression: 'Patient.extension[0].extension[0].value' },
      { code: 'required', expression: 'Patient.extension[0].extension' },
    ]);
  });

  it('checks a contained target against the profile that the reference asks for', () => {
    const dose = {
      resourceType: 'Immunization',
      contained: [{ ...patient, id: 'p' }],
      status: 'completed',
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
      patient: { reference: '#p' },
      occurrenceDateTime: '2024',
    };
    const profiles = [`${usCore}us-core-immunization`];
    expect(errorsOf(dose, { profiles })).toEqual([]);
    const bare = { ...dose, contained: [{ resourceType: 'Patient', id: 'p' }] };
    expect(errorsOf(bare, { profiles })).toMatchObject([{ expression: 'Immunization.patient.reference' }]);
  });

  it('warns of a CVX code that CDC does not list', () => {
    const vaccineCode = { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '9999' }] };
    const dose = {
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode,
      patient: { reference: 'Patient/1' },
      occurrenceDateTime: '2024',
    };
    const issues = validate(dose, { profiles: [`${usCore}us-core-immunization`] });
    expect(issues).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        code: 'code-invalid',
        expression: 'Immunization.vaccineCode.coding[0]',
      }),
    );
  });
});

describe('a profile of the registry', () => {
  const url = 'https://jenner-iis.org/fhir/StructureDefinition/test-observation';
  const definition = {
    resourceType: 'StructureDefinition',
    url,
    name: 'TestObservation',
    type: 'Observation',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation',
    differential: {
      element: [
        {
          id: 'Observation',
          path: 'Observation',
          constraint: [
            {
              key: 't-1',
              severity: 'error',
              human: 'Final needs an issue time',
              expression: "status = 'final' implies issued.exists()",
            },
          ],
        },
        { id: 'Observation.status', path: 'Observation.status', fixedCode: 'final' },
        {
          id: 'Observation.code',
          path: 'Observation.code',
          patternCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '1-1' }] },
        },
        {
          id: 'Observation.category',
          path: 'Observation.category',
          min: 1,
          slicing: { discriminator: [{ type: 'value', path: 'coding.code' }], rules: 'closed' },
        },
        { id: 'Observation.category:lab', path: 'Observation.category', sliceName: 'lab', min: 1, max: '1' },
        {
          id: 'Observation.category:lab.coding.code',
          path: 'Observation.category.coding.code',
          fixedCode: 'laboratory',
        },
        {
          id: 'Observation.value[x]',
          path: 'Observation.value[x]',
          type: [{ code: 'Quantity' }, { code: 'string' }],
          slicing: { discriminator: [{ type: 'type', path: '$this' }], rules: 'open' },
        },
        {
          id: 'Observation.value[x]:valueQuantity',
          path: 'Observation.value[x]',
          sliceName: 'valueQuantity',
          type: [{ code: 'Quantity' }],
        },
        { id: 'Observation.value[x]:valueQuantity.unit', path: 'Observation.value[x].unit', min: 1 },
        {
          id: 'Observation.performer',
          path: 'Observation.performer',
          type: [
            { code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Organization'] },
          ],
        },
        {
          id: 'Observation.component',
          path: 'Observation.component',
          slicing: { discriminator: [{ type: 'exists', path: 'interpretation' }], rules: 'open' },
        },
        { id: 'Observation.component:plain', path: 'Observation.component', sliceName: 'plain', max: '1' },
        {
          id: 'Observation.component:plain.interpretation',
          path: 'Observation.component.interpretation',
          max: '0',
        },
      ],
    },
  };
  const own = openValidator({ ...readValidatorSources(), profiles: [definition] });
  const right = {
    resourceType: 'Observation',
    status: 'final',
    issued: '2024-02-29T12:00:00Z',
    code: { coding: [{ system: 'http://loinc.org', code: '1-1', display: 'x' }] },
    category: [{ coding: [{ system: 'http://example.org/x', code: 'laboratory' }] }],
    valueQuantity: { value: 1, unit: 'mg' },
    performer: [{ reference: 'Organization/1' }],
  };
  const other = { coding: [{ system: 'http://example.org/x', code: 'other' }] };
  const part = { code: { text: 'x' }, valueString: 'x' };
  const wrong: [string, object, string][] = [
    ['a fixed value', { status: 'preliminary' }, 'Observation.status'],
    ['a pattern', { code: { coding: [{ system: 'http://loinc.org', code: '2-2' }] } }, 'Observation.code'],
    ['a slice that is missing', { category: [other] }, 'Observation.category'],
    ['what is in no slice', { category: [...right.category, other] }, 'Observation.category[1]'],
    [
      'a slice that stands twice',
      { category: [...right.category, ...right.category] },
      'Observation.category',
    ],
    ['a type of a choice', { valueQuantity: undefined, valueInteger: 1 }, 'Observation.value'],
    ['a slice by type', { valueQuantity: { value: 1 } }, 'Observation.value.unit'],
    ['a target', { performer: [{ reference: 'Practitioner/1' }] }, 'Observation.performer[0].reference'],
    ['a slice by existence', { component: [part, part] }, 'Observation.component'],
    ['an invariant', { issued: undefined }, 'Observation'],
  ];

  it('accepts what fits', () => {
    expect(
      own.validate(right as Resource, { profiles: [url] }).filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
  });

  it.each(wrong)('refuses %s', (_, change, expression) => {
    const resource = JSON.parse(JSON.stringify({ ...right, ...change })) as Resource;
    const errors = own.validate(resource, { profiles: [url] }).filter(({ severity }) => severity === 'error');
    expect(errors.map((issue) => issue.expression)).toContain(expression);
    expect(own.validate(resource).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
