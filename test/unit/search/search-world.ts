import { readFileSync } from 'node:fs';
import type { ResourceType } from '../../../src/fhir/resource-type.ts';
import { patientsOf } from '../../../src/search/compartment.ts';
import { buildIndexer } from '../../../src/search/index-resource.ts';
import type { Indexed } from '../../../src/search/index-values.ts';
import { matches, type World } from '../../../src/search/matches.ts';
import { parseSearch } from '../../../src/search/parse-search.ts';
import { marksOf } from '../../../src/search/reach.ts';
import { loadSearchParams } from '../../../src/search/search-params.ts';
import { type EpochMs, parseMsRange } from '../../../src/values/instant.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';

export const baseUrl = 'http://jenner.test/fhir';
export const { params, faults } = loadSearchParams([
  JSON.parse(readFileSync('search-params/hl7-r4.json', 'utf8')),
]);
export const indexResource = await buildIndexer(params, { baseUrl });

type Sample = Readonly<Record<string, unknown>> & {
  readonly resourceType: ResourceType;
  readonly id: string;
};

const cvx = (code: string, display?: string) => ({
  coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code, display }],
});
const mrnType = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR', display: 'Medical record' },
  ],
};

/** Few resources in which every kind of parameter tells some from others. */
export const samples: readonly Sample[] = [
  {
    resourceType: 'Patient',
    id: 'ann',
    meta: {
      lastUpdated: '2026-01-01T00:00:00Z',
      tag: [{ system: 'urn:t', code: 'demo' }],
      profile: ['urn:p|1.2'],
      source: 'urn:ehr',
    },
    active: true,
    identifier: [{ system: 'urn:mrn', value: 'A-1', type: mrnType }],
    name: [{ family: "O'Néill-Smith", given: ['Ann', 'María'] }],
    telecom: [
      { system: 'phone', value: '555-1', use: 'home' },
      { system: 'email', value: 'Ann@Example.org' },
    ],
    gender: 'female',
    birthDate: '2020-02-29',
    address: [{ line: ['1 Main St'], city: 'Boston', postalCode: '02101' }],
    managingOrganization: { reference: 'Organization/clinic' },
  },
  {
    resourceType: 'Patient',
    id: 'bob',
    meta: { lastUpdated: '2026-01-02T00:00:00Z', profile: ['urn:p/child'] },
    active: false,
    identifier: [{ value: 'B-1' }],
    name: [{ family: 'Smith', given: ['Bob'] }],
    gender: 'male',
    birthDate: '2020-03',
    deceasedDateTime: '2025-05-05',
    generalPractitioner: [{ identifier: { system: 'urn:npi', value: '77' } }],
  },
  {
    resourceType: 'Patient',
    id: 'cem',
    meta: { lastUpdated: '2026-01-03T00:00:00Z' },
    identifier: [{ system: 'urn:mrn', value: 'a,1|x' }],
    name: [{ family: 'Çelik' }],
    birthDate: '2020',
    deceasedBoolean: false,
    managingOrganization: { reference: `${baseUrl}/Organization/head` },
  },
  {
    resourceType: 'Organization',
    id: 'clinic',
    name: 'Harbor Clinic',
    partOf: { reference: 'Organization/head' },
    active: true,
  },
  { resourceType: 'Organization', id: 'head', name: 'Harbor Health', alias: ['HH'] },
  {
    resourceType: 'Immunization',
    id: 'i1',
    status: 'completed',
    vaccineCode: cvx('08', 'Hep B, adolescent or pediatric'),
    patient: { reference: 'Patient/ann' },
    occurrenceDateTime: '2024-02-28T23:30:00-05:00',
    lotNumber: 'AB12',
    location: { reference: 'Location?identifier=x' },
    manufacturer: { reference: 'http://elsewhere.org/fhir/Organization/9' },
  },
  {
    resourceType: 'Immunization',
    id: 'i2',
    status: 'not-done',
    vaccineCode: { text: 'Flu shot', ...cvx('140') },
    patient: { reference: 'Patient/bob' },
    occurrenceDateTime: '2024-03',
    reaction: [{ date: '2024-03-05' }],
  },
  {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
    subject: { reference: 'Patient/ann' },
    effectivePeriod: { start: '2024-01-01', end: '2024-01-31' },
    valueQuantity: { value: 100, system: 'http://unitsofmeasure.org', code: 'cm', unit: 'cm' },
    component: [
      { code: { coding: [{ code: 'x' }] }, valueQuantity: { value: 1 } },
      { code: { coding: [{ code: 'y' }] }, valueQuantity: { value: 2 } },
    ],
  },
  {
    resourceType: 'Observation',
    id: 'o2',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
    subject: { reference: 'Group/g' },
    effectivePeriod: { start: '2024-06-01' },
    valueQuantity: { value: 99.4, comparator: '>', unit: 'cm' },
  },
  {
    resourceType: 'ValueSet',
    id: 'v1',
    status: 'active',
    url: 'http://example.org/fhir/ValueSet/a/b',
  },
  { resourceType: 'List', id: 'l1', entry: [{ item: { reference: 'Patient/ann' } }] },
  {
    resourceType: 'Provenance',
    id: 'p1',
    target: [{ reference: 'Immunization/i1' }, { reference: 'Patient/ann' }],
    recorded: '2026-01-01T00:00:00Z',
  },
];

export const indexed: readonly Indexed[] = samples.map((resource) => {
  const meta = resource['meta'] as { readonly lastUpdated?: string } | undefined;
  const lastUpdated = parseMsRange(meta?.lastUpdated ?? '2026-01-09T00:00:00Z')?.first ?? (0 as EpochMs);
  const { resourceType: type, id } = resource;
  const index = indexResource(resource);
  const patients = patientsOf(type, id as ResourceId, index);
  return { type, id, lastUpdated, index, patients, marks: marksOf(type, index, resource) };
});
const world: World = {
  all: (type) => indexed.filter((resource) => resource.type === type),
  find: (type, id) => indexed.find((resource) => resource.type === type && resource.id === id),
  aliasesOf: () => [],
  marksOf: (patient) =>
    new Set(indexed.flatMap(({ patients, marks }) => (patients.includes(patient) ? marks : []))),
};

export function parse(type: string, query: string, lenient = false) {
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => [name, value] as const);
  return parseSearch(pairs, {
    types: type.split(',') as ResourceType[],
    params,
    baseUrl,
    now: Date.UTC(2026, 0, 10) as EpochMs,
    lenient,
    defaultCount: 50,
    maxCount: 1000,
    expand: (url) => (url === 'urn:vs' ? [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] : undefined),
    subsume: (_direction, _system, code) => (code === '08' ? [{ code: '08' }, { code: '45' }] : undefined),
  });
}

/** Ids of the samples of the type that the query means; or the sentences that refuse it. */
export function find(type: string, query: string): readonly string[] | string {
  const parsed = parse(type, query);
  if (parsed.kind === 'refused') return parsed.problems.map(({ message }) => message).join(' ');
  const { filter, types } = parsed.request;
  return indexed.filter((one) => types.includes(one.type) && matches(filter, one, world)).map(({ id }) => id);
}
