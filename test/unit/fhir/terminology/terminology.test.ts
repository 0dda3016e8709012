import { readFileSync } from 'node:fs';
import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { indexCodeSystem } from '../../../../src/fhir/terminology/code-system-index.ts';
import { pageOfMembers } from '../../../../src/fhir/terminology/expand-value-set.ts';
import { isFault, type Members } from '../../../../src/fhir/terminology/members.ts';
import { formsOfNdc, toNdc11 } from '../../../../src/fhir/terminology/ndc.ts';
import { toSearchTerms } from '../../../../src/fhir/terminology/search-terms.ts';
import { subsumptionOf } from '../../../../src/fhir/terminology/subsumption.ts';
import { loadTerminology } from '../../../../src/fhir/terminology/terminology.ts';
import { indexConceptMap } from '../../../../src/fhir/terminology/translate-code.ts';
import { validateInValueSet } from '../../../../src/fhir/terminology/validate-code.ts';
import { toKnownValueSet } from '../../../../src/fhir/terminology/value-set-members.ts';
import { antigenConcept, vaccineGroupCvx } from '../../../../src/registry/forecasting/antigen-codes.ts';
import { shippedTerminology } from './shipped-terminology.ts';

const terminology = shippedTerminology();
const cvx = 'http://hl7.org/fhir/sid/cvx';
const cdcrec = 'urn:oid:2.16.840.1.113883.6.238';
const ndc = 'http://hl7.org/fhir/sid/ndc';
const jenner = 'https://jenner-iis.org/fhir';
const ofType = <Kind>(type: string) =>
  terminology
    .resources()
    .filter(({ resourceType }) => resourceType === type) as readonly unknown[] as readonly Kind[];
const schedule = JSON.parse(
  readFileSync(new URL('../../../../schedules/4.64-508.json', import.meta.url), 'utf8'),
);

function membersOf(url: string): Members {
  const members = terminology.valueSet(url)?.members();
  if (!members || isFault(members)) throw new Error(`${url}: ${members?.text ?? 'unknown'}`);
  return members;
}

const codesOf = (url: string) => [...membersOf(url).values()].map(({ code }) => code);

function membersOfCompose(compose: unknown) {
  const resource = { resourceType: 'ValueSet', status: 'active', url: 'urn:x', compose } as ValueSet;
  return toKnownValueSet(resource, terminology).members();
}

describe('the shipped terminology', () => {
  it('has each id and each url once', () => {
    const ids = terminology.resources().map(({ resourceType, id }) => `${resourceType}/${id}`);
    const urls = terminology.resources().map(({ resourceType, url }) => `${resourceType} ${url}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(urls).size).toBe(urls.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/);
  });

  it('has each code of a code system once', () => {
    for (const system of ofType<CodeSystem>('CodeSystem')) {
      expect(terminology.codeSystemById(system.id ?? '')?.concepts.size, system.url).toBe(system.count);
    }
  });

  it('expands every value set, and every member validates in it', () => {
    for (const { url = '' } of ofType<ValueSet>('ValueSet')) {
      const members = membersOf(url);
      expect(members.size, url).toBeGreaterThan(0);
      for (const { system, code, display } of members.values()) {
        const given = { system, code, ...(display !== undefined && { display }) };
        const verdict = validateInValueSet(given, url, members, terminology, { abstract: true });
        expect(verdict, `${url} ${system}|${code}`).toMatchObject({ result: true });
        expect(display, `${system}|${code} has a name`).toBeDefined();
      }
    }
  });

  it('names the value set of each code system that says it has one', () => {
    for (const { url, valueSet } of ofType<CodeSystem>('CodeSystem')) {
      if (valueSet !== undefined) expect(terminology.valueSet(valueSet), `${url}: ${valueSet}`).toBeDefined();
    }
  });

  it.each(ofType<ConceptMap>('ConceptMap').map((map) => [map.id, map] as const))(
    '%s maps from codes that exist to codes that exist',
    (_, { group }) => {
      for (const { source = '', target = '', element } of group ?? []) {
        const from = terminology.codeSystem(source)!;
        const to = terminology.codeSystem(target)!;
        const unknownSources = element.filter(({ code = '' }) => !from.find(code));
        const targets = element.flatMap((one) => one.target ?? []);
        const unknownTargets = targets.filter(({ code = '' }) => !to.partial && !to.find(code));
        expect([...unknownSources, ...unknownTargets]).toEqual([]);
      }
    },
  );

  it('agrees with the antigens and vaccine groups of the forecaster', () => {
    const bySnomed = new Set(codesOf(`${jenner}/ValueSet/antigen`));
    for (const { antigen } of schedule.antigens) {
      expect(bySnomed).toContain(antigenConcept(antigen).coding?.[0]?.code);
    }
    const groups = terminology.codeSystem(`${jenner}/CodeSystem/vaccine-group`);
    for (const { name } of schedule.vaccineGroups) {
      const code = groups?.find(name)?.properties.find((one) => one.code === 'cvx')?.valueCoding?.code;
      expect(code, name).toBe(vaccineGroupCvx(name));
    }
  });

  it.each([
    ['01', 'inactive', 'vaccine'],
    ['03', 'active', 'vaccine'],
    ['88', 'inactive', 'unspecified'],
    ['998', 'inactive', 'non-vaccine'],
    ['57', 'never-active', 'vaccine'],
    ['510', 'non-us', 'vaccine'],
  ])('knows CVX %s as %s %s', (code, status, type) => {
    const properties = terminology.codeSystem(cvx)?.find(code)?.properties ?? [];
    expect(properties.find((one) => one.code === 'status')?.valueCode).toBe(status);
    expect(properties.find((one) => one.code === 'type')?.valueCode).toBe(type);
  });

  it.each([
    ['http://hl7.org/fhir/sid/cvx/vs', '03'],
    ['http://hl7.org/fhir/us/core/ValueSet/us-core-vaccines-cvx', '998'],
    ['http://hl7.org/fhir/us/immds/ValueSet/targetDisease', '397430003'],
    [`${jenner}/ValueSet/vaccines-of-mmr`, '94'],
    [`${jenner}/ValueSet/vaccines-against-measles`, '05'],
    [`${jenner}/ValueSet/vaccines-of-dtap-tdap-td`, '115'],
    [`${jenner}/ValueSet/nip001`, '05'],
    [`${jenner}/ValueSet/financial-class`, 'V02'],
    [`${jenner}/ValueSet/immunization-funding`, 'VXC51'],
    ['http://hl7.org/fhir/us/core/ValueSet/omb-race-category', '2106-3'],
    ['http://hl7.org/fhir/us/core/ValueSet/detailed-race', '2034-7'],
    ['http://hl7.org/fhir/ValueSet/immunization-route', 'IM'],
    ['http://hl7.org/fhir/ValueSet/immunization-status-reason', 'PATOBJ'],
  ])('%s holds %s', (url, code) => {
    expect(codesOf(url)).toContain(code);
  });

  it('keeps the OMB categories and the root out of the races in detail', () => {
    const races = codesOf('http://hl7.org/fhir/us/core/ValueSet/detailed-race');
    expect(races).not.toContain('2028-9');
    expect(races).not.toContain('1000-9');
  });
});

describe('implicit value sets', () => {
  it.each(['?vs', '?fhir_vs', '/vs', ''])('are the code system and "%s"', (suffix) => {
    expect(membersOf(`${cvx}${suffix}`).size).toBe(terminology.codeSystem(cvx)?.concepts.size);
  });

  it('are the code and what it subsumes after isa', () => {
    expect(codesOf(`${cdcrec}?fhir_vs=isa/2028-9`)).toContain('2034-7');
    expect(terminology.valueSet(`${cdcrec}?fhir_vs=isa/nothing`)).toBeUndefined();
  });
});

describe('compose', () => {
  const system = cdcrec;
  const filter = (property: string, op: string, value: string) => ({
    include: [{ system, filter: [{ property, op, value }] }],
  });

  it.each([
    ['is-a', filter('concept', 'is-a', '2028-9'), 25],
    ['descendent-of', filter('concept', 'descendent-of', '2028-9'), 24],
    ['=', filter('concept', '=', '2028-9'), 1],
    ['generalizes', filter('concept', 'generalizes', '2034-7'), 3],
    ['in', filter('code', 'in', '2028-9, 2054-5'), 2],
    ['= on display', filter('display', '=', 'Asian'), 1],
    ['exists', filter('notSelectable', 'exists', 'true'), 2],
    [
      'two filters',
      {
        include: [
          {
            system,
            filter: [
              { property: 'concept', op: 'is-a', value: '2028-9' },
              { property: 'concept', op: 'descendent-of', value: '2028-9' },
            ],
          },
        ],
      },
      24,
    ],
    [
      'all value sets of one include',
      {
        include: [
          {
            system: cvx,
            valueSet: [`${jenner}/ValueSet/vaccines-of-mmr`, `${jenner}/ValueSet/vaccines-of-varicella`],
          },
        ],
      },
      1,
    ],
    ['exclude', { include: [{ system: cvx }], exclude: [{ valueSet: [`${cvx}/vs`] }] }, 0],
    [
      'inactive: false',
      { inactive: false, include: [{ system: cvx, concept: [{ code: '01' }, { code: '03' }] }] },
      1,
    ],
    ['codes that a whole system lacks', { include: [{ system: cvx, concept: [{ code: '9999' }] }] }, 0],
    ['codes of an unknown system', { include: [{ system: 'urn:x:y', concept: [{ code: '1' }] }] }, 1],
    ['what is no object', { include: [null, { system: cvx, concept: [7, { code: 3 }, { code: '03' }] }] }, 1],
  ])('understands %s', (_, compose, size) => {
    const members = membersOfCompose(compose);
    expect(members instanceof Map ? members.size : members).toBe(size);
  });

  it.each([
    ['unknown-system', { include: [{ system: 'urn:nothing' }] }],
    ['unknown-value-set', { include: [{ valueSet: ['urn:nothing'] }] }],
    ['unsupported', filter('code', 'regex', '(a+)+$')],
    ['unsupported', { include: [{}] }],
    ['unsupported', undefined],
  ])('answers %s for what it cannot expand', (kind, compose) => {
    expect(membersOfCompose(compose)).toMatchObject({ kind });
  });

  it('finds that a value set includes itself', () => {
    const circular = {
      resourceType: 'ValueSet',
      url: 'urn:circle',
      status: 'active',
      compose: { include: [{ valueSet: ['urn:circle'] }] },
    } as ValueSet;
    const source = { ...terminology, valueSet: () => known };
    const known = toKnownValueSet(circular, source);
    expect(known.members()).toMatchObject({ kind: 'circular' });
  });
});

describe('expansion', () => {
  const query = {
    offset: 0,
    activeOnly: false,
    selectableOnly: false,
    includeDesignations: false,
    designations: new Set<string>(),
  };
  const members = membersOf(`${cvx}/vs`);

  it('pages without gap or overlap', () => {
    const pages = [0, 100, 200, 300].map((offset) =>
      pageOfMembers(members, { ...query, offset, count: 100 }),
    );
    expect(pages.flatMap(({ contains }) => contains.map(({ code }) => code))).toEqual([
      ...codesOf(`${cvx}/vs`),
    ]);
    expect(pages.map(({ contains }) => contains.length)).toEqual([100, 100, 88, 0]);
  });

  it('filters by all words, in the code and in every name', () => {
    const found = pageOfMembers(members, { ...query, filter: 'MUMPS measles' }).contains;
    expect(found.map(({ code }) => code)).toEqual(['03', '94']);
  });

  it('leaves out what is inactive when asked to', () => {
    const { contains } = pageOfMembers(members, { ...query, activeOnly: true });
    expect(contains.some(({ inactive }) => inactive)).toBe(false);
    expect(contains.length).toBeLessThan(members.size);
  });
});

describe('subsumption', () => {
  it.each([
    [cdcrec, '2028-9', '2034-7', 'subsumes'],
    [cdcrec, '2034-7', '1000-9', 'subsumed-by'],
    [cdcrec, '2028-9', '2054-5', 'not-subsumed'],
    [cvx, '03', '03', 'equivalent'],
    [cvx, '88', '140', 'not-subsumed'],
    [ndc, '00069-0207-01', '00069020701', 'equivalent'],
    [cvx, '03', '4711', undefined],
  ])('%s: %s and %s are %s', (system, a, b, outcome) => {
    expect(subsumptionOf(terminology.codeSystem(system)!, a, b)).toBe(outcome);
  });

  it('follows parents that are named as properties, and survives a circle of them', () => {
    const property = (parent: string) => [{ code: 'parent', valueCode: parent }];
    const concept = [
      { code: 'a', property: property('b') },
      { code: 'b', property: property('a') },
    ];
    const system = indexCodeSystem({
      resourceType: 'CodeSystem',
      status: 'active',
      content: 'complete',
      concept,
    });
    expect(subsumptionOf(system, 'a', 'b')).toBe('subsumes');
  });

  it('ignores case where the code system does', () => {
    const head = { resourceType: 'CodeSystem', status: 'active', content: 'complete' } as const;
    const concept = [{ code: 'Abc' }];
    expect(indexCodeSystem({ ...head, caseSensitive: false, concept }).find('aBC')?.code).toBe('Abc');
    expect(indexCodeSystem({ ...head, concept }).find('aBC')).toBeUndefined();
  });
});

describe('translation', () => {
  const translate = (id: string, system: string, code: string, reverse = false) =>
    (terminology.conceptMapById(id)?.translate({ system, code, reverse }, terminology) ?? []).map(
      ({ equivalence, concept }) => `${equivalence} ${concept?.code}`,
    );

  it.each([
    ['cvx-to-vaccine-group', cvx, '94', ['wider MMR', 'wider Varicella']],
    ['cvx-to-vaccine-group', cvx, '121', ['inexact Varicella', 'inexact Zoster']],
    ['cvx-to-vaccine-group-cvx', cvx, '03', ['equal 03']],
    ['cvx-to-antigen', cvx, '03', ['relatedto 14189004', 'relatedto 36989005', 'relatedto 36653000']],
    ['ndc-to-cvx', ndc, '00069020701', ['wider 305']],
    ['ndc-to-mvx', ndc, '0069-0207-01', ['wider PFR']],
    ['cvx-to-vaccine-group', cvx, '998', []],
    ['cvx-to-vaccine-group', 'urn:other', '03', []],
  ])('%s: %s|%s', (id, system, code, expected) => {
    expect(translate(id, system, code)).toEqual(expected);
  });

  it('goes backward with the opposite equivalence', () => {
    const group = `${jenner}/CodeSystem/vaccine-group`;
    expect(translate('cvx-to-vaccine-group', group, 'MMR', true)).toContain('narrower 94');
  });

  it('answers what a map says of unmapped codes', () => {
    const map = (unmapped: object) =>
      indexConceptMap({
        resourceType: 'ConceptMap',
        status: 'active',
        group: [{ source: 's', target: 't', element: [], unmapped }],
      } as ConceptMap);
    const query = { system: 's', code: 'x', reverse: false };
    expect(map({ mode: 'provided' }).translate(query, terminology)).toMatchObject([
      { concept: { code: 'x' } },
    ]);
    expect(map({ mode: 'fixed', code: 'f' }).translate(query, terminology)).toMatchObject([
      { concept: { code: 'f' } },
    ]);
    expect(map({ mode: 'other-map', url: 'u' }).translate(query, terminology)).toEqual([]);
  });
});

describe('NDC', () => {
  it.each([
    ['0069-0207-01', '00069-0207-01'],
    ['49281-400-88', '49281-0400-88'],
    ['49281-0400-8', '49281-0400-08'],
    ['00069020701', '00069-0207-01'],
    ['0069020701', '0069020701'],
    ['x', 'x'],
  ])('%s is %s', (given, expected) => {
    expect(toNdc11(given)).toBe(expected);
  });

  it('comes back from every form in which it is written', () => {
    for (const code of terminology.codeSystem(ndc)?.concepts.keys() ?? []) {
      for (const form of formsOfNdc(code)) expect(toNdc11(form)).toBe(code);
    }
  });
});

describe('search terms', () => {
  const terms = toSearchTerms(terminology);

  it('expands a value set to tokens', () => {
    expect(terms.expand(`${jenner}/ValueSet/vaccines-of-varicella`)).toContainEqual({
      system: cvx,
      code: '21',
    });
    expect(terms.expand('urn:nothing')).toBeUndefined();
  });

  it('answers below a vaccine group its vaccines', () => {
    const below = terms.subsume('below', `${jenner}/CodeSystem/vaccine-group`, 'MMR');
    expect(below).toContainEqual({ system: cvx, code: '94' });
  });

  it('answers below and above a race', () => {
    expect(terms.subsume('below', cdcrec, '2028-9')).toHaveLength(25);
    expect(terms.subsume('above', cdcrec, '2034-7')).toHaveLength(3);
    expect(terms.subsume('below', undefined, '2028-9')).toHaveLength(25);
  });

  it('does not know what is below an unknown code or system', () => {
    expect(terms.subsume('below', cdcrec, 'nothing')).toBeUndefined();
    expect(terms.subsume('below', 'urn:nothing', '1')).toBeUndefined();
  });

  it('looks for an NDC in all its forms', () => {
    expect(terms.subsume('below', ndc, '00069-0207-01')).toContainEqual({ system: ndc, code: '00069020701' });
  });
});

it('refuses a document that is no terminology', () => {
  expect(() => loadTerminology([{ resourceType: 'Patient' }])).toThrow(/Patient/);
});
