import { describe, expect, it } from 'vitest';
import { errorsOf, validate } from './test-validator.ts';

const dose = {
  resourceType: 'Immunization',
  id: 'i1',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
  patient: { reference: 'Patient/p1' },
  occurrenceDateTime: '2024-02-29',
};
const narrative = (inner: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;
const absent = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
};
const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(dose).filter(([name]) => !names.includes(name)));

/** Title, what is changed in a right Immunization, code, expression, a part of the text. */
const wrong: [string, object, string, string, RegExp][] = [
  ['an unknown element', { colour: 'red' }, 'structure', 'Immunization.colour', /"colour" is not an element/],
  [
    'an unknown element below',
    { patient: { ref: 'x' } },
    'structure',
    'Immunization.patient.ref',
    /element of patient/,
  ],
  [
    'a number for a string',
    { lotNumber: 7 },
    'structure',
    'Immunization.lotNumber',
    /must be a string, not the number 7/,
  ],
  [
    'a string for a boolean',
    { primarySource: 'true' },
    'structure',
    'Immunization.primarySource',
    /must be a boolean/,
  ],
  ['one where a list belongs', { note: { text: 'x' } }, 'structure', 'Immunization.note', /must be an array/],
  [
    'a list where one belongs',
    { lotNumber: ['x'] },
    'structure',
    'Immunization.lotNumber',
    /must be a string, not an array/,
  ],
  ['a string for an object', { site: 'arm' }, 'structure', 'Immunization.site', /must be an object/],
  [
    'a bad code',
    { status: 'done' },
    'code-invalid',
    'Immunization.status',
    /"done" .* completed, entered-in-error, not-done/,
  ],
  [
    'two of a choice',
    { occurrenceString: 'x' },
    'structure',
    'Immunization.occurrence',
    /occurrenceDateTime, occurrenceString/,
  ],
  [
    'a date that does not exist',
    { occurrenceDateTime: '2024-02-30' },
    'value',
    'Immunization.occurrence',
    /2024-02-30/,
  ],
  [
    'a dateTime without zone',
    { occurrenceDateTime: '2024-02-29T12:00:00' },
    'value',
    'Immunization.occurrence',
    /dateTime/,
  ],
  [
    'a dateTime without seconds',
    { occurrenceDateTime: '2024-02-29T12:00Z' },
    'value',
    'Immunization.occurrence',
    /dateTime/,
  ],
  [
    'a date with a time',
    { expirationDate: '2024-02-29T12:00:00Z' },
    'value',
    'Immunization.expirationDate',
    /date/,
  ],
  ['a bad id', { id: 'a_b' }, 'value', 'Immunization.id', /an id: 1 to 64/],
  ['an id that is too long', { id: 'a'.repeat(65) }, 'value', 'Immunization.id', /an id/],
  ['a URI with a space', { implicitRules: 'http://a b' }, 'value', 'Immunization.implicitRules', /no spaces/],
  [
    'an instant that is a date',
    { meta: { lastUpdated: '2024-02-29' } },
    'value',
    'Immunization.meta.lastUpdated',
    /an instant/,
  ],
  [
    'a wrong target',
    { patient: { reference: 'Practitioner/1' } },
    'value',
    'Immunization.patient.reference',
    /Practitioner; expected Patient/,
  ],
  [
    'a wrong target elsewhere',
    { patient: { reference: 'http://a/fhir/Group/1' } },
    'value',
    'Immunization.patient.reference',
    /Group/,
  ],
  [
    'a reference that is none',
    { patient: { reference: 'x' } },
    'value',
    'Immunization.patient.reference',
    /Type\/id/,
  ],
  [
    'a type that contradicts',
    { patient: { reference: 'Patient/1', type: 'Group' } },
    'value',
    'Immunization.patient.type',
    /Group/,
  ],
  ['what is not contained', { patient: { reference: '#p' } }, 'invariant', 'Immunization.patient', /ref-1/],
  [
    'education of nothing',
    { education: [{ publicationDate: '2024' }] },
    'invariant',
    'Immunization.education[0]',
    /imm-1/,
  ],
  [
    'a performer without actor',
    { performer: [{}] },
    'required',
    'Immunization.performer[0].actor',
    /actor is missing/,
  ],
  [
    'a protocol without dose number',
    { protocolApplied: [{ series: 'x' }] },
    'required',
    'Immunization.protocolApplied[0].doseNumber',
    /doseNumber\[x\]/,
  ],
  [
    'a dose number of 0',
    { protocolApplied: [{ doseNumberPositiveInt: 0 }] },
    'value',
    'Immunization.protocolApplied[0].doseNumber',
    /from 1/,
  ],
  [
    'half an integer',
    { protocolApplied: [{ doseNumberPositiveInt: 1.5 }] },
    'structure',
    'Immunization.protocolApplied[0].doseNumber',
    /integer/,
  ],
  [
    'a comparator where none may be',
    { doseQuantity: { value: 1, comparator: '<' } },
    'structure',
    'Immunization.doseQuantity.comparator',
    /comparator/,
  ],
  [
    'a unit code without system',
    { doseQuantity: { value: 1, code: 'mL' } },
    'invariant',
    'Immunization.doseQuantity',
    /qty-3/,
  ],
  [
    'an identifier of a bad use',
    { identifier: [{ use: 'mine' }] },
    'code-invalid',
    'Immunization.identifier[0].use',
    /"mine"/,
  ],
  [
    'an identifier of a local system',
    { identifier: [{ system: 'mrn', value: '1' }] },
    'value',
    'Immunization.identifier[0].system',
    /absolute/,
  ],
  [
    'a period backwards',
    { identifier: [{ period: { start: '2024-02', end: '2024-01' } }] },
    'invariant',
    'Immunization.identifier[0].period',
    /per-1/,
  ],
  [
    'an extension of nothing',
    { extension: [{ url: 'http://a' }] },
    'invariant',
    'Immunization.extension[0]',
    /ext-1/,
  ],
  [
    'an extension with both',
    { extension: [{ url: 'http://a', valueString: 'x', extension: [{ url: 'b', valueString: 'y' }] }] },
    'invariant',
    'Immunization.extension[0]',
    /ext-1/,
  ],
  [
    'an extension without url',
    { extension: [{ valueString: 'x' }] },
    'required',
    'Immunization.extension[0].url',
    /url/,
  ],
  [
    'an extension of a relative url',
    { extension: [{ url: 'x', valueString: 'x' }] },
    'value',
    'Immunization.extension[0].url',
    /absolute/,
  ],
  [
    'a core extension of a wrong type',
    {
      _status: {
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueString: 'x' }],
      },
    },
    'structure',
    'Immunization.status.extension[0].value',
    /must be of type code/,
  ],
  [
    'a core extension with a bad code',
    {
      _lotNumber: {
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'x' }],
      },
    },
    'code-invalid',
    'Immunization.lotNumber.extension[0].value',
    /data-absent-reason/,
  ],
  [
    'a core extension in a wrong place',
    {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { city: 'x' } },
      ],
    },
    'structure',
    'Immunization.extension[0]',
    /may stand in Patient/,
  ],
  ['an element of an id alone', { site: { id: 'x' } }, 'invariant', 'Immunization.site', /ele-1/],
  [
    'an id that stands twice',
    { site: { id: 'x', text: 'a' }, route: { id: 'x', text: 'b' } },
    'duplicate',
    'Immunization.route.id',
    /"x" stands twice/,
  ],
  [
    'a script in the narrative',
    { text: { status: 'generated', div: narrative('<script>x</script>') } },
    'value',
    'Immunization.text.div',
    /<script>/,
  ],
  [
    'a handler in the narrative',
    { text: { status: 'generated', div: narrative('<p onclick="x">x</p>') } },
    'value',
    'Immunization.text.div',
    /onclick/,
  ],
  [
    'a link that runs a script',
    { text: { status: 'generated', div: narrative('<a href="javascript:x">x</a>') } },
    'value',
    'Immunization.text.div',
    /script/,
  ],
  [
    'an empty narrative',
    { text: { status: 'generated', div: narrative(' ') } },
    'value',
    'Immunization.text.div',
    /txt-2/,
  ],
  [
    'a narrative that is not closed',
    { text: { status: 'generated', div: narrative('<p>x') } },
    'value',
    'Immunization.text.div',
    /well-formed/,
  ],
  [
    'a narrative without namespace',
    { text: { status: 'generated', div: '<div>x</div>' } },
    'value',
    'Immunization.text.div',
    /xmlns/,
  ],
  [
    'an entity of HTML',
    { text: { status: 'generated', div: narrative('&nbsp;x') } },
    'value',
    'Immunization.text.div',
    /entity/,
  ],
  [
    'a fault in what is contained',
    { contained: [{ resourceType: 'Patient', id: 'p', gender: 'x' }], patient: { reference: '#p' } },
    'code-invalid',
    'Immunization.contained[0].gender',
    /gender/,
  ],
  [
    'a contained resource that nobody needs',
    { contained: [{ resourceType: 'Patient', id: 'p' }] },
    'invariant',
    'Immunization.contained[0]',
    /dom-3/,
  ],
  [
    'a contained resource of no type',
    { contained: [{ id: 'p' }] },
    'structure',
    'Immunization.contained[0].resourceType',
    /resourceType/,
  ],
  [
    'a contained resource of an unknown type',
    { contained: [{ resourceType: 'Pet', id: 'p' }] },
    'structure',
    'Immunization.contained[0].resourceType',
    /"Pet"/,
  ],
  [
    'a contained version',
    {
      contained: [{ resourceType: 'Patient', id: 'p', meta: { versionId: '1' } }],
      patient: { reference: '#p' },
    },
    'invariant',
    'Immunization.contained[0]',
    /dom-4/,
  ],
  [
    'a null without extensions',
    {
      performer: [{ actor: { display: 'x' } }],
      note: [{ text: 'x' }],
      contained: [{ resourceType: 'Patient', id: 'p', name: [{ given: ['A', null] }] }],
      patient: { reference: '#p' },
    },
    'structure',
    'Immunization.contained[0].name[0].given[1]',
    /null in given/,
  ],
  [
    'lists out of step',
    {
      contained: [{ resourceType: 'Patient', id: 'p', name: [{ given: ['A', 'B'], _given: [{ id: 'x' }] }] }],
      patient: { reference: '#p' },
    },
    'structure',
    'Immunization.contained[0].name[0].given',
    /2 entries and _given has 1/,
  ],
  [
    'an identifier that is no URI in the system of URIs',
    { identifier: [{ system: 'urn:ietf:rfc:3986', value: 'abc' }] },
    'value',
    'Immunization.identifier[0].value',
    /"abc" is no absolute URI/,
  ],
  [
    'a UUID in upper case',
    { extension: [{ url: 'http://a', valueUuid: 'urn:uuid:C757873D-EC9A-4326-A141-556F43239520' }] },
    'value',
    'Immunization.extension[0].value',
    /is not a UUID/,
  ],
  [
    'the definition of another type as its profile',
    { meta: { profile: ['http://hl7.org/fhir/StructureDefinition/Group'] } },
    'structure',
    'Immunization.meta.profile[0]',
    /is of Group, not of "Immunization"/,
  ],
  [
    'an extension that is no modifier among the modifiers',
    {
      modifierExtension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    },
    'structure',
    'Immunization.modifierExtension[0]',
    /belongs into extension, not into modifierExtension/,
  ],
  [
    'a modifier among the extensions',
    {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/request-doNotPerform', valueBoolean: true },
      ],
    },
    'structure',
    'Immunization.extension[0]',
    /belongs into modifierExtension, not into extension/,
  ],
];

const logicalModel = {
  resourceType: 'StructureDefinition',
  url: 'http://example.org/Thing',
  name: 'Thing',
  status: 'active',
  kind: 'logical',
  abstract: false,
  type: 'http://example.org/Thing',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element',
  derivation: 'specialization',
};

describe('a right resource', () => {
  const right: [string, object][] = [
    ['of mandatory elements', dose],
    ['with a missing value explained', { ...without('occurrenceDateTime'), _occurrenceDateTime: absent }],
    ['with a year for a date', { ...dose, occurrenceDateTime: '2024' }],
    ['with a conditional reference', { ...dose, location: { reference: 'Location?identifier=a|b' } }],
    [
      'with a urn reference',
      { ...dose, patient: { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' } },
    ],
    ['with a versioned reference', { ...dose, patient: { reference: 'Patient/1/_history/2' } }],
    ['with a logical reference', { ...dose, patient: { identifier: { value: '1' } } }],
    [
      'with a narrative',
      { ...dose, text: { status: 'generated', div: narrative('<p class="a">a &amp; b</p>') } },
    ],
    ['with an unknown extension', { ...dose, extension: [{ url: 'http://a', valueString: 'x' }] }],
    [
      'with what it refers to inside',
      { ...dose, contained: [{ resourceType: 'Patient', id: 'p' }], patient: { reference: '#p' } },
    ],
    ['with a value beside an id', { ...dose, lotNumber: 'x', _lotNumber: { id: 'a' } }],
    ['with gaps filled', { resourceType: 'Patient', name: [{ given: ['A', null], _given: [null, absent] }] }],
    [
      'with its own type as its profile',
      { ...dose, meta: { profile: ['http://hl7.org/fhir/StructureDefinition/Immunization|4.0.1'] } },
    ],
    [
      'of partial dates that may be in order',
      { ...dose, identifier: [{ period: { start: '2024-02', end: '2024' } }] },
    ],
  ];
  const element = {
    id: 'Thing',
    path: 'Thing',
    definition: 'x',
    min: 0,
    max: '1',
    base: { path: 'Thing', min: 0, max: '1' },
  };
  const fhirType = {
    url: 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type',
    valueUrl: 'string',
  };
  const typed = {
    ...element,
    id: 'Thing.x',
    path: 'Thing.x',
    type: [{ extension: [fhirType], code: 'string' }],
  };
  const thing = {
    ...logicalModel,
    snapshot: { element: [element, typed] },
    differential: { element: [element, typed] },
  };
  right.push(['with an element in snapshot and differential', thing]);
  right.push([
    'with an extension deep in a Bundle',
    { resourceType: 'Bundle', type: 'collection', entry: [{ resource: thing }] },
  ]);

  it.each(right)('%s has no errors', (_, resource) => expect(errorsOf(resource)).toEqual([]));
});

describe('validate', () => {
  it.each(wrong)('reports %s', (_, change, code, expression, text) => {
    const issues = errorsOf({ ...dose, ...change });
    expect(issues).toContainEqual(
      expect.objectContaining({ severity: 'error', code, expression, text: expect.stringMatching(text) }),
    );
  });

  it.each([['status'], ['vaccineCode'], ['patient']])('reports that %s is missing', (name) => {
    const [issue] = errorsOf(without(name));
    expect(issue).toMatchObject({ code: 'required', expression: `Immunization.${name}` });
  });

  it('reports one issue for a choice that is missing', () => {
    expect(errorsOf(without('occurrenceDateTime'))).toEqual([
      {
        severity: 'error',
        code: 'required',
        text: 'One of the occurrence[x] elements is missing',
        expression: 'Immunization.occurrence',
      },
    ]);
  });

  it('reports a type that R4 does not have', () => {
    expect(errorsOf({ resourceType: 'Pet' })).toMatchObject([
      { code: 'structure', expression: 'Pet.resourceType' },
    ]);
    for (const resourceType of [
      'constructor',
      '__proto__',
      'Resource',
      'DomainResource',
      'HumanName',
      'string',
    ]) {
      expect(errorsOf({ resourceType })).toHaveLength(1);
    }
  });

  it.each(['\n1', '1e1', '0x1', '-1', 'many'])('reports %j as the max of an element', (max) => {
    const element = [{ id: 'Thing', path: 'Thing', min: 0, max }];
    expect(errorsOf({ ...logicalModel, differential: { element } })).toContainEqual(
      expect.objectContaining({
        code: 'invariant',
        expression: 'StructureDefinition.differential.element[0].max',
      }),
    );
  });

  it('cuts long values, and stops at a hundred issues', () => {
    const [long] = errorsOf({ ...dose, occurrenceDateTime: 'x'.repeat(5000) });
    expect(long?.text.length).toBeLessThan(250);
    const many = Array.from({ length: 500 }, () => ({ text: 7 }));
    expect(errorsOf({ ...dose, note: many })).toHaveLength(100);
  });

  it('warns of a code outside of an extensible value set that uses its system', () => {
    const status = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'XX' }],
    };
    expect(validate({ resourceType: 'Patient', maritalStatus: status })).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        code: 'code-invalid',
        expression: 'Patient.maritalStatus.coding[0]',
      }),
    );
    const other = { coding: [{ system: 'http://example.org/x', code: 'XX' }] };
    expect(validate({ resourceType: 'Patient', maritalStatus: other }).map(({ code }) => code)).not.toContain(
      'code-invalid',
    );
  });
});

describe('a Bundle', () => {
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:1',
        resource: { resourceType: 'Organization', name: 'x' },
        request: { method: 'POST', url: 'Organization' },
      },
      {
        resource: { ...dose, patient: { reference: 'urn:uuid:1' } },
        request: { method: 'POST', url: 'Immunization' },
      },
    ],
  };
  it('tells the type of a target from its entries', () => {
    expect(errorsOf(bundle)).toMatchObject([
      { code: 'value', expression: 'Bundle.entry[1].resource.patient.reference' },
    ]);
  });

  const patient = { resourceType: 'Patient', id: 'p1' };
  const fullUrl = 'http://example.org/fhir/Patient/p1';

  it('may have any resource as the outcome of an entry, and what is wrong in it is reported', () => {
    const answer = (outcome: object) => ({
      resourceType: 'Bundle',
      type: 'batch-response',
      entry: [{ response: { status: '400', outcome } }],
    });
    const issue = [{ severity: 'error', code: 'invalid' }];
    expect(errorsOf(answer({ resourceType: 'OperationOutcome', issue }))).toEqual([]);
    expect(
      errorsOf(answer({ resourceType: 'OperationOutcome', issue: [{ code: 'invalid' }] })),
    ).toMatchObject([{ code: 'required', expression: 'Bundle.entry[0].response.outcome.issue[0].severity' }]);
  });

  it.each([
    ['of another id', { fullUrl: 'http://example.org/fhir/Patient/p2', resource: patient }, /Patient\/p1/],
    ['of another type', { fullUrl: 'http://example.org/fhir/Person/p1', resource: patient }, /Patient\/p1/],
    ['that is relative', { fullUrl: 'Patient/p1', resource: patient }, /not an absolute URL/],
    ['that is missing', { resource: patient }, /must have its fullUrl/],
  ])('reports a fullUrl %s', (_, entry, text) => {
    expect(errorsOf({ resourceType: 'Bundle', type: 'collection', entry: [entry] })).toMatchObject([
      { code: 'value', expression: 'Bundle.entry[0]', text: expect.stringMatching(text) },
    ]);
  });

  it.each([
    ['of a URN', 'collection', { fullUrl: 'urn:uuid:1', resource: patient }],
    ['that names no type and id', 'collection', { fullUrl: 'http://example.org/one', resource: patient }],
    ['of a resource without id', 'collection', { fullUrl, resource: { resourceType: 'Patient' } }],
    ['that is missing as the id is', 'collection', { resource: { resourceType: 'Patient' } }],
    [
      'that is missing in a transaction',
      'transaction',
      { resource: patient, request: { method: 'PUT', url: 'Patient/p1' } },
    ],
  ])('may have a fullUrl %s', (_, type, entry) => {
    expect(errorsOf({ resourceType: 'Bundle', type, entry: [entry] })).toEqual([]);
  });

  describe('of a document', () => {
    const paper = (change: object) => ({
      resourceType: 'Bundle',
      type: 'document',
      identifier: { system: 'http://example.org/papers', value: '1' },
      timestamp: '2024-01-01T00:00:00Z',
      entry: [
        {
          fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
          resource: {
            resourceType: 'Composition',
            status: 'final',
            type: { text: 'x' },
            date: '2024',
            title: 'x',
            author: [{ reference: fullUrl }],
            ...change,
          },
        },
        { fullUrl, resource: patient },
      ],
    });
    const section = (reference: string) => [{ title: 'x', section: [{ entry: [{ reference }] }] }];

    it.each([
      ['by its URL', { subject: { reference: fullUrl } }],
      ['by type and id', { subject: { reference: 'Patient/p1' } }],
      ['by a version', { section: section('Patient/p1/_history/2') }],
      ['by an identifier', { custodian: { identifier: { value: '1' } } }],
    ])('may refer to what it holds %s', (_, change) => expect(errorsOf(paper(change))).toEqual([]));

    it.each([
      ['subject', { subject: { reference: 'Patient/p2' } }, 'subject'],
      ['party', { attester: [{ mode: 'legal', party: { reference: 'Patient/p2' } }] }, 'attester[0].party'],
      ['section', { section: section('Patient/p2') }, 'section[0].section[0].entry[0]'],
    ])('reports a %s that it does not hold', (_, change, path) => {
      expect(errorsOf(paper(change))).toMatchObject([
        { code: 'not-found', expression: `Bundle.entry[0].resource.${path}.reference` },
      ]);
    });
  });

  it('of ten thousand entries takes no longer than its size', () => {
    const entry = Array.from({ length: 10_000 }, (_, n) => ({
      fullUrl: `urn:x:${n}`,
      resource: dose,
      request: { method: 'POST', url: 'Immunization' },
    }));
    // What is quadratic runs into the time limit of the test.
    expect(errorsOf({ ...bundle, entry })).toEqual([]);
  });
});
