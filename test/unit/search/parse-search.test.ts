import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faults, find, parse } from './search-world.ts';

it('has no fault in the definitions', () => {
  expect(faults).toEqual([]);
});

describe.each`
  rule                                            | type                          | rows
  ${'token (search.html#token)'}                  | ${'Patient'}                  | ${[['identifier=urn:mrn|A-1', ['ann']], ['identifier=a-1', ['ann']], ['identifier=|B-1', ['bob']], ['identifier=|A-1', []], ['identifier=urn:mrn|', ['ann', 'cem']], ['identifier=A-1,B-1', ['ann', 'bob']], ['identifier=urn:mrn|a\\,1\\|x', ['cem']], ['identifier=A-1&identifier=B-1', []], ['gender=female', ['ann']], ['gender=http://hl7.org/fhir/administrative-gender|female', ['ann']], ['gender:not=female', ['bob', 'cem']], ['gender:not=female,male', ['cem']], ['gender:missing=true', ['cem']], ['gender:missing=false', ['ann', 'bob']], ['active=true', ['ann']], ['deceased=true', ['bob']], ['deceased=false', ['ann', 'cem']], ['telecom=555-1', ['ann']], ['phone=555-1', ['ann']], ['email=ann@example.org', ['ann']], ['phone=ann@example.org', []], ['identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|A-1', ['ann']], ['identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|B-1', []], ['identifier:text=medical', ['ann']], ['_tag=urn:t|demo', ['ann']], ['_id=ann,cem', ['ann', 'cem']], ['_id=none', []]]}
  ${'token in a coded element'}                   | ${'Immunization'}             | ${[['vaccine-code=http://hl7.org/fhir/sid/cvx|08', ['i1']], ['vaccine-code=08', ['i1']], ['vaccine-code=|08', []], ['vaccine-code:text=hep b', ['i1']], ['vaccine-code:text=flu', ['i2']], ['vaccine-code:in=urn:vs', ['i1']], ['vaccine-code:not-in=urn:vs', ['i2']], ['vaccine-code:below=08', ['i1']], ['status:not=completed', ['i2']], ['lot-number=ab', ['i1']]]}
  ${'string (search.html#string)'}                | ${'Patient'}                  | ${[['name=smith', ['ann', 'bob']], ['name=SMI', ['ann', 'bob']], ['family=smith', ['bob']], ['name=oneill', ['ann']], ["name=o'neill smith", ['ann']], ['name:contains=smith', ['ann', 'bob']], ['name:exact=Smith', ['bob']], ['name:exact=smith', []], ['family=celik', ['cem']], ['family=Çel', ['cem']], ['given=maria', ['ann']], ['name=ann&name=oneill', ['ann']], ['address=boston', ['ann']], ['address-city=bos', ['ann']], ['address-postalcode=02101', ['ann']], ['name=smith,celik', ['ann', 'bob', 'cem']]]}
  ${'date (search.html#date)'}                    | ${'Patient'}                  | ${[['birthdate=2020-02-29', ['ann']], ['birthdate=2020-03', ['bob']], ['birthdate=2020', ['ann', 'bob', 'cem']], ['birthdate=ne2020-02-29', ['bob', 'cem']], ['birthdate=gt2020-02-29', ['bob', 'cem']], ['birthdate=lt2020-02-29', ['cem']], ['birthdate=ge2020-03', ['bob', 'cem']], ['birthdate=le2020-02-29', ['ann', 'cem']], ['birthdate=sa2020-02-29', ['bob']], ['birthdate=eb2020-03', ['ann']], ['birthdate=ge2020-02-29&birthdate=le2020-02-29', ['ann', 'cem']], ['birthdate=ap2020-02-29', ['ann', 'bob', 'cem']], ['birthdate=2020-02-29T00:00:00Z', []], ['birthdate=ge2020-03-01T00:00:00+00:00', ['bob', 'cem']], ['death-date:missing=false', ['bob']], ['_lastUpdated=2026-01-02', ['bob']], ['_lastUpdated=ge2026-01-02', ['bob', 'cem']], ['_lastUpdated=lt2026-01-02T00:00:00Z', ['ann']], ['_lastUpdated=ne2026-01-02', ['ann', 'cem']]]}
  ${'date with a time, a period, a zone'}         | ${'Immunization,Observation'} | ${[['date=2024-02-29', ['i1']], ['date=2024-02-28', []], ['date=2024-02-28T23:30:00-05:00', ['i1']], ['date=2024-02-29T04:30:00 00:00', ['i1']], ['date=2024-03', ['i2']], ['date=2024-01', ['o1']], ['date=ge2025', ['o2']], ['date=sa2024-05', ['o2']]]}
  ${'reference (search.html#reference)'}          | ${'Immunization'}             | ${[['patient=ann', ['i1']], ['patient=Patient/ann', ['i1']], ['patient=http://jenner.test/fhir/Patient/ann', ['i1']], ['patient=Patient/ann/_history/3', ['i1']], ['patient:Patient=bob', ['i2']], ['patient=Group/ann', []], ['patient=ann,bob', ['i1', 'i2']], ['manufacturer=http://elsewhere.org/fhir/Organization/9', ['i1']], ['manufacturer:missing=true', ['i2']], ['location:missing=false', ['i1']]]}
  ${'reference by identifier and resolved type'}  | ${'Patient,Observation'}      | ${[['_id=ann', ['ann']]]}
  ${'reference by identifier'}                    | ${'Patient'}                  | ${[['general-practitioner:identifier=urn:npi|77', ['bob']], ['general-practitioner:missing=false', ['bob']]]}
  ${'reference whose type is asked'}              | ${'Observation'}              | ${[['patient=ann', ['o1']], ['subject=Group/g', ['o2']], ['subject:Group=g', ['o2']], ['subject=g', ['o2']], ['patient:missing=true', ['o2']]]}
  ${'number and quantity (search.html#quantity)'} | ${'Observation'}              | ${[['value-quantity=100', ['o1']], ['value-quantity=100.4', []], ['value-quantity=100|http://unitsofmeasure.org|cm', ['o1']], ['value-quantity=100||cm', ['o1']], ['value-quantity=gt100', ['o2']], ['value-quantity=gt99||cm', ['o1', 'o2']], ['value-quantity=lt100', ['o2']], ['value-quantity=le100', ['o1', 'o2']], ['value-quantity=ap95', ['o1', 'o2']], ['value-quantity=1e2', ['o1']], ['value-quantity=100||kg', []]]}
  ${'composite, on one parent'}                   | ${'Observation'}              | ${[['component-code-value-quantity=x$1', ['o1']], ['component-code-value-quantity=x$2', []], ['code-value-quantity=http://loinc.org|8302-2$ge100', ['o1', 'o2']]]}
  ${'uri (search.html#uri)'}                      | ${'ValueSet'}                 | ${[['url=http://example.org/fhir/ValueSet/a/b', ['v1']], ['url=http://example.org/fhir/ValueSet/a', []], ['url:below=http://example.org/fhir/ValueSet/a', ['v1']], ['url:below=http://example.org/fhir/Value', []], ['url:above=http://example.org/fhir/ValueSet/a/b/c', ['v1']]]}
  ${'meta'}                                       | ${'Patient'}                  | ${[['_profile=urn:p', ['ann']], ['_profile=urn:p|1.2', ['ann']], ['_profile:below=urn:p', ['ann', 'bob']], ['_source=urn:ehr', ['ann']]]}
  ${'chains (search.html#chaining)'}              | ${'Immunization'}             | ${[['patient.name=smith', ['i1', 'i2']], ['patient.family=smith', ['i2']], ['patient:Patient.family=oneill', ['i1']], ['patient.organization.name=harbor', ['i1']], ['patient.organization.partof.name=harbor', ['i1']], ['patient.gender:not=male', ['i1']], ['patient.name=smith&patient.gender=female', ['i1']]]}
  ${'reverse chains (search.html#has)'}           | ${'Patient'}                  | ${[['_has:Immunization:patient:vaccine-code=08', ['ann']], ['_has:Immunization:patient:status:not=completed', ['bob']], ['_has:Provenance:target:recorded=2026', ['ann']], ['_has:Immunization:patient:_has:Provenance:target:recorded=2026', ['ann']], ['organization._has:Patient:organization:name=ann', ['ann']]]}
`('$rule', ({ type, rows }) => {
  it.each(rows as [string, string[]][])(`${type}?%s finds %j`, (query, found) => {
    expect(find(type, query)).toEqual(found);
  });
});

describe('refuses, naming the parameter and what was expected', () => {
  it.each([
    ['Patient', 'nmae=x', 'nmae: Patient has no search parameter "nmae".'],
    [
      'Patient',
      'birthdate=yesterday',
      'birthdate "yesterday" is not a FHIR date or time, such as 2024, 2024-02-29 or ge2024-02-29T10:00:00Z.',
    ],
    ['Patient', 'birthdate=2020-02-30', /not a FHIR date/],
    [
      'Patient',
      'birthdate:exact=2020',
      'birthdate:exact has no modifier :exact; a date parameter has :missing.',
    ],
    ['Patient', 'gender:missing=maybe', 'gender:missing "maybe" is neither true nor false.'],
    ['Patient', 'gender=', 'gender has an empty value.'],
    ['Patient', 'gender=male,,female', 'gender has an empty value.'],
    ['Patient', 'identifier=|', 'identifier "|" has neither system nor code.'],
    ['Patient', 'name=--', 'name "--" has no letter or digit to search for.'],
    ['Patient', '_count=-1', '_count is "-1", which is not a whole number.'],
    ['Patient', '_sort=nothing', /_sort is by "nothing"/],
    ['Patient', '_include=Patient:name', /has no reference parameter "name"/],
    ['Patient', '_summary=all', /none of true, text, data, count, false/],
    ['Patient', 'name.family=x', /name is no reference/],
    ['Patient', 'organization.nothing=x', /no type that organization refers to/],
    ['Patient', '_has:Immunization:vaccine-code:status=x', /no reference parameter "vaccine-code"/],
    ['Patient', '_has:Nothing:x:y=z', /"Nothing" is not a resource type/],
    ['Patient', `${'link.'.repeat(20)}name=x`, /has more than 8 steps/],
    ['Patient', 'organization=not a reference', /is not an id, a Type\/id or a URL/],
    ['Patient', 'constructor=x', /no search parameter "constructor"/],
    ['Observation', 'value-quantity=tall', /is not a quantity, such as/],
    ['Observation', 'component-code-value-quantity=x', /must have 2 values/],
    ['Immunization', 'vaccine-code:in=urn:other', /cannot expand/],
  ])('%s?%s', (type, query, message) => {
    const found = find(type, query);
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

  it('an unknown parameter only when handling is strict', () => {
    const parsed = parse('Patient', 'nmae=x&name=ann', true);
    expect(parsed).toMatchObject({
      kind: 'search',
      request: { warnings: [{ parameter: 'nmae' }], used: [['name', 'ann']] },
    });
  });
});

it('reads what shapes the answer', () => {
  const parsed = parse(
    'Immunization',
    '_count=5000&_sort=-date,_id&_total=accurate&_include=Immunization:patient&_revinclude:iterate=Provenance:target:Patient',
  );
  expect(parsed).toMatchObject({
    kind: 'search',
    request: {
      count: 1000,
      total: 'accurate',
      sort: [
        { param: 'date', by: 'date', descending: true },
        { param: '_id', by: 'id', descending: false },
      ],
      includes: [{ source: 'Immunization', param: 'patient', iterate: false }],
      revincludes: [{ source: 'Provenance', param: 'target', target: 'Patient', iterate: true }],
    },
  });
});

it('answers whatever it is asked, and quickly', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'name',
      'birthdate',
      '_has:Immunization:patient:date',
      'organization.name',
      '_sort',
      'identifier:of-type',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string({ unit: 'binary' })), { maxLength: 5 }), (pairs) => {
      const query = new URLSearchParams(pairs as [string, string][]).toString();
      expect(['search', 'refused']).toContain(parse('Patient', query).kind);
    }),
  );
});
