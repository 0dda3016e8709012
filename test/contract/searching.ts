import { describe, expect, it } from 'vitest';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { everything, type Filter } from '../../src/search/filter.ts';
import { cleanText, foldCode, foldText } from '../../src/search/fold-text.ts';
import type { SortKey } from '../../src/search/sort.ts';
import type { Store } from '../../src/store/contract/store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { indexResource, parse, samples } from '../unit/search/search-world.ts';
import {
  at,
  change,
  day,
  findAll,
  ids,
  key,
  keysOf,
  reference,
  removal,
  token,
  withCode,
  words,
  write,
} from './fixtures.ts';

const all = { filter: everything, sort: [], count: 10 } as const;

export function describeSearching(getStore: () => Store) {
  describe('searches by each type of parameter and modifier', () => {
    // https://hl7.org/fhir/R4/search.html; the resources are those of test/unit/search/search-world.ts.
    it.each<[ResourceType, string, readonly string[]]>([
      ['Patient', 'identifier=urn:mrn|A-1', ['ann']],
      ['Patient', 'identifier=|B-1', ['bob']],
      ['Patient', 'identifier=urn:mrn|', ['ann', 'cem']],
      ['Patient', 'identifier=A-1,B-1', ['ann', 'bob']],
      ['Patient', 'identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|A-1', ['ann']],
      ['Patient', 'identifier:text=medical', ['ann']],
      ['Patient', 'gender=FEMALE', ['ann']],
      ['Patient', 'gender:not=female', ['bob', 'cem']],
      ['Patient', 'gender:missing=true', ['cem']],
      ['Patient', 'gender:missing=false', ['ann', 'bob']],
      ['Patient', 'deceased=false', ['ann', 'cem']],
      ['Immunization', 'vaccine-code=http://hl7.org/fhir/sid/cvx|08', ['i1']],
      ['Immunization', 'vaccine-code:text=hep b', ['i1']],
      ['Immunization', 'vaccine-code:in=urn:vs', ['i1']],
      ['Immunization', 'vaccine-code:not-in=urn:vs', ['i2']],
      ['Immunization', 'vaccine-code:below=08', ['i1']],
      ['Patient', 'name=oneill', ['ann']],
      ['Patient', 'name:contains=smith', ['ann', 'bob']],
      ['Patient', 'name:exact=Smith', ['bob']],
      ['Patient', 'name:exact=smith', []],
      ['Patient', 'family=çel', ['cem']],
      ['Patient', 'birthdate=2020-03', ['bob']],
      ['Patient', 'birthdate=2020', ['ann', 'bob', 'cem']],
      ['Patient', 'birthdate=ne2020-02-29', ['bob', 'cem']],
      ['Patient', 'birthdate=gt2020-02-29', ['bob', 'cem']],
      ['Patient', 'birthdate=lt2020-02-29', ['cem']],
      ['Patient', 'birthdate=ge2020-03', ['bob', 'cem']],
      ['Patient', 'birthdate=le2020-02-29', ['ann', 'cem']],
      ['Patient', 'birthdate=sa2020-02-29', ['bob']],
      ['Patient', 'birthdate=eb2020-03', ['ann']],
      ['Patient', 'birthdate=ap2020-02-29', ['ann', 'bob', 'cem']],
      ['Observation', 'date=ge2025', ['o2']],
      ['Immunization', 'patient=ann', ['i1']],
      ['Immunization', 'patient=Patient/ann,Patient/bob', ['i1', 'i2']],
      ['Immunization', 'patient:Patient=bob', ['i2']],
      ['Immunization', 'manufacturer=http://elsewhere.org/fhir/Organization/9', ['i1']],
      ['Immunization', 'manufacturer:missing=true', ['i2']],
      ['Immunization', 'location:missing=false', ['i1']],
      ['Patient', 'general-practitioner:identifier=urn:npi|77', ['bob']],
      ['Observation', 'value-quantity=100', ['o1']],
      ['Observation', 'value-quantity=gt99||cm', ['o1', 'o2']],
      ['Observation', 'value-quantity=100||kg', []],
      ['Observation', 'component-code-value-quantity=x$1', ['o1']],
      ['Observation', 'component-code-value-quantity=x$2', []],
      ['ValueSet', 'url:below=http://example.org/fhir/ValueSet/a', ['v1']],
      ['ValueSet', 'url:above=http://example.org/fhir/ValueSet/a/b/c', ['v1']],
      ['Patient', '_profile=urn:p|1.2', ['ann']],
      ['Patient', '_tag=urn:t|demo', ['ann']],
      ['Patient', '_id=ann,cem,none', ['ann', 'cem']],
      ['Immunization', 'patient.organization.partof.name=harbor', ['i1']],
      ['Immunization', 'patient.gender:not=male', ['i1']],
      ['Patient', '_has:Immunization:patient:_has:Provenance:target:recorded=2026', ['ann']],
      ['Patient', 'organization._has:Patient:organization:name=ann', ['ann']],
      ['Patient', 'name=smith&birthdate=ge2020&gender=male', ['bob']],
    ])('%s?%s', async (type, query, expected) => {
      const store = getStore();
      const changes = samples.map((sample) =>
        change({ type: sample.resourceType, id: sample.id, index: indexResource(sample) }),
      );
      await write(store, ...changes);
      const parsed = parse(type, query);
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
      const { filter } = parsed.request;
      expect(ids((await store.search({ types: [type], filter, sort: [], count: 10 })).matches)).toEqual(
        expected,
      );
      expect(await store.count([type], filter)).toBe(expected.length);
    });
  });

  describe('order', () => {
    const sorted = (param: string, by: SortKey['by'], descending = false): SortKey => ({
      param,
      by,
      descending,
    });

    async function fill() {
      const store = getStore();
      await write(
        store,
        change({ id: 'a', lastUpdated: 3, index: { d: [day(20, 25)], s: [words('Beta')], t: [token('x')] } }),
        change({
          id: 'b',
          lastUpdated: 1,
          index: { d: [day(10), day(30)], s: [words('alpha')], t: [token('x')] },
        }),
        change({ id: 'c', lastUpdated: 2, index: { s: [words('😀')] } }),
        change({ id: 'd', lastUpdated: 2, index: { d: [day(20, 22)], s: [words('\uffff')] } }),
      );
      return store;
    }

    it.each<[string, readonly SortKey[], readonly string[]]>([
      ['none', [], ['a', 'b', 'c', 'd']],
      ['-_id', [sorted('_id', 'id', true)], ['d', 'c', 'b', 'a']],
      ['_lastUpdated', [sorted('_lastUpdated', 'lastUpdated')], ['b', 'c', 'd', 'a']],
      ['-_lastUpdated', [sorted('_lastUpdated', 'lastUpdated', true)], ['a', 'c', 'd', 'b']],
      ['a date by its beginning, the missing last', [sorted('d', 'date')], ['b', 'a', 'd', 'c']],
      ['a date by its end, the missing last', [sorted('d', 'date', true)], ['b', 'a', 'd', 'c']],
      ['a string by code points', [sorted('s', 'string')], ['b', 'a', 'd', 'c']],
      ['-string', [sorted('s', 'string', true)], ['c', 'd', 'a', 'b']],
      ['token, then -date', [sorted('t', 'token'), sorted('d', 'date', true)], ['b', 'a', 'd', 'c']],
      ['what nothing has', [sorted('none', 'uri')], ['a', 'b', 'c', 'd']],
    ])('%s', async (_, sort, expected) => {
      const store = await fill();
      for (const count of [1, 2, 10]) {
        const found = await findAll(store, { types: ['Patient'], filter: everything, sort, count });
        expect(found).toEqual(expected.map((id) => `Patient/${id}`));
      }
    });

    it('of several types goes by type, then id', async () => {
      const store = getStore();
      await write(store, change({ id: 'b' }), change({ type: 'Observation', id: 'z' }), change({ id: 'a' }));
      const types: ResourceType[] = ['Patient', 'Observation', 'Location'];
      for (const count of [1, 2, 3]) {
        const found = await findAll(store, { types, filter: everything, sort: [], count });
        expect(found).toEqual(['Observation/z', 'Patient/a', 'Patient/b']);
      }
    });

    it('is kept from page to page while others write', async () => {
      const store = getStore();
      const codes = Array.from({ length: 12 }, (_, n) => String.fromCharCode(97 + n));
      await write(store, ...codes.map((id) => change({ id, index: { d: [day(id.charCodeAt(0))] } })));
      const query = {
        types: ['Patient' as const],
        filter: everything,
        sort: [sorted('d', 'date')],
        count: 3,
      };
      const first = await store.search(query);
      // One before the page, one behind it, one of the page and one to come are written or removed.
      await write(store, change({ id: 'early', index: { d: [day(1)] } }));
      await write(store, change({ id: 'late', index: { d: [day(999)] } }));
      await write(store, removal({ id: 'c', version: 2 }), removal({ id: 'f', version: 2 }));
      const rest = [];
      let page = first;
      while (page.next !== undefined) {
        page = await store.search({ ...query, after: page.next });
        rest.push(...ids(page.matches));
      }
      expect(ids(first.matches)).toEqual(['a', 'b', 'c']);
      expect(rest).toEqual(['d', 'e', 'g', 'h', 'i', 'j', 'k', 'l', 'late']);
    });
  });

  describe('chains', () => {
    const codeIs = (code: string): Filter => ({
      kind: 'value',
      param: 'code',
      test: { kind: 'token', anyOf: [{ code }] },
    });

    it('do not pass through what was deleted or is not there', async () => {
      const store = getStore();
      await write(store, change({ id: 'p', index: { code: [token('x')] } }));
      await write(
        store,
        change({ type: 'Observation', id: 'o', index: { subject: [reference('Patient', 'p')] } }),
      );
      await write(
        store,
        change({ type: 'Observation', id: 'q', index: { subject: [reference('Patient', 'none')] } }),
      );
      const chain = (of: Filter): Filter => ({ kind: 'chain', param: 'subject', type: 'Patient', of });
      const find = (filter: Filter) => store.search({ ...all, types: ['Observation'], filter });
      expect(ids((await find(chain(codeIs('x')))).matches)).toEqual(['o']);
      expect(ids((await find(chain(everything))).matches)).toEqual(['o']);
      expect(ids((await find(chain({ kind: 'not', of: codeIs('x') }))).matches)).toEqual([]);
      await write(store, removal({ id: 'p', version: 2 }));
      expect(ids((await find(chain(everything))).matches)).toEqual([]);
    });

    it('go against the reference, and do not see deleted sources', async () => {
      const store = getStore();
      await write(store, change({ id: 'p' }), change({ id: 'q' }));
      const index = { subject: [reference('Patient', 'p')], code: [token('x')] };
      await write(store, change({ type: 'Observation', id: 'o', index }));
      const has = (of: Filter): Filter => ({ kind: 'has', type: 'Observation', param: 'subject', of });
      const find = (filter: Filter) => store.search({ ...all, types: ['Patient'], filter });
      expect(ids((await find(has(codeIs('x')))).matches)).toEqual(['p']);
      expect(ids((await find({ kind: 'not', of: has(everything) })).matches)).toEqual(['q']);
      await write(store, removal({ type: 'Observation', id: 'o', version: 2 }));
      expect(ids((await find(has(everything))).matches)).toEqual([]);
    });

    it('say what the given resources refer to, each once', async () => {
      const store = getStore();
      await write(store, change({ id: 'p' }), change({ id: 'q' }), change({ id: 'gone' }));
      await write(store, removal({ id: 'gone', version: 2 }));
      const refers = (...found: string[]) => ({ subject: found.map((id) => reference('Patient', id)) });
      await write(
        store,
        change({ type: 'Observation', id: '1', index: refers('p', 'gone', 'none') }),
        change({
          type: 'Observation',
          id: '2',
          index: { ...refers('p', 'q'), other: [reference('Observation', '1')] },
        }),
      );
      const sources = [key('Observation', '1'), key('Observation', '2'), key('Observation', 'none')];
      expect(keysOf(await store.referredBy(sources, ['subject'])).sort()).toEqual(['Patient/p', 'Patient/q']);
      expect(keysOf(await store.referredBy(sources, ['other', 'unknown']))).toEqual(['Observation/1']);
      expect(await store.referredBy([], ['subject'])).toEqual([]);
    });

    it('tells of which types something refers to a Patient, by the parameters that are named', async () => {
      const store = getStore();
      const refersTo = (param: string, id: string, type: ResourceType = 'Patient') => ({
        [param]: [{ kind: 'reference', type, id: id as ResourceId } as const],
      });
      await write(
        store,
        change({ type: 'Immunization', id: 'i', index: refersTo('patient', 'p') }),
        change({ type: 'Immunization', id: 'j', index: refersTo('patient', 'p') }),
        change({ type: 'Observation', id: 'o', index: refersTo('performer', 'p') }),
        change({ type: 'Task', id: 't', index: refersTo('focus', 'p', 'Group') }),
        change({ type: 'Encounter', id: 'e', index: refersTo('subject', 'q') }),
      );
      const params = new Map<ResourceType, readonly string[]>([
        ['Immunization', ['patient']],
        ['Observation', ['subject', 'performer']],
        ['Task', ['patient', 'focus']],
        ['Encounter', ['subject']],
      ]);
      const typesOf = async (...ids: readonly string[]) =>
        [...(await store.referringTypes(ids as readonly ResourceId[], params))].sort();
      expect(await typesOf('p')).toEqual(['Immunization', 'Observation']);
      expect(await typesOf('q')).toEqual(['Encounter']);
      expect(await typesOf('p', 'q')).toEqual(['Encounter', 'Immunization', 'Observation']);
      expect(await typesOf('nobody')).toEqual([]);
      expect(await typesOf()).toEqual([]);
      await write(store, change({ type: 'Encounter', id: 'e', version: 2, index: refersTo('subject', 'p') }));
      expect(await typesOf('q')).toEqual([]);
      expect([
        ...(await store.referringTypes(['p' as ResourceId], new Map([['Observation', ['subject']]]))),
      ]).toEqual([]);
    });
  });

  it.each([
    "O'Brien",
    '"quoted"',
    '100%',
    'under_score',
    'back\\slash',
    '; DROP TABLE resource; --',
    'nul\u0000byte',
    'lone \ud800 surrogate',
    '😀 emoji',
    '\u{10FFFF}',
    'İstanbul',
    'x'.repeat(10_000),
  ])('finds the hostile text %j by each way and nothing else by it', async (hostile) => {
    const store = getStore();
    const indexOf = (text: string) => ({
      s: [{ kind: 'string', folded: foldText(text), original: cleanText(text) } as const],
      t: [token(foldCode(text), cleanText(text))],
      u: [{ kind: 'uri', uri: cleanText(text), version: '' } as const],
    });
    await write(
      store,
      change({ id: 'it', index: indexOf(hostile) }),
      change({ id: 'other', index: indexOf('zzz') }),
    );
    const filters: readonly Filter[] = [
      { kind: 'value', param: 's', test: { kind: 'string', match: 'exact', text: cleanText(hostile) } },
      {
        kind: 'value',
        param: 's',
        test: { kind: 'string', match: 'prefix', text: points(foldText(hostile), 0, 9) },
      },
      {
        kind: 'value',
        param: 's',
        test: { kind: 'string', match: 'substring', text: points(foldText(hostile), 1, 9) },
      },
      { kind: 'value', param: 't', test: { kind: 'token', anyOf: [{ code: foldCode(hostile) }] } },
      { kind: 'value', param: 't', test: { kind: 'token', anyOf: [{ system: cleanText(hostile) }] } },
      { kind: 'value', param: 'u', test: { kind: 'uri', match: 'exact', uri: cleanText(hostile) } },
    ];
    const tooShort = Array.from(foldText(hostile)).length < 2;
    for (const filter of filters) {
      const { matches } = await store.search({ ...all, types: ['Patient'], filter });
      expect(ids(matches)).toContain('it');
      if (!tooShort) expect(ids(matches)).toEqual(['it']);
    }
  });

  it('finds by the time of the last change', async () => {
    const store = getStore();
    await write(store, change({ id: 'a', lastUpdated: 10 }), change({ id: 'b', lastUpdated: 20 }));
    const filter: Filter = { kind: 'lastUpdated', bounds: [{ is: '>', at: at(10) }] };
    expect(ids((await store.search({ ...all, types: ['Patient'], filter })).matches)).toEqual(['b']);
  });

  it('counts nothing in a store that has refused its first unit', async () => {
    const store = getStore();
    await write(store, change({ version: 2, index: { code: [token('x')] } }));
    expect(await store.count(['Patient'], withCode('x'))).toBe(0);
  });

  it('takes a filter of thousands of parts', async () => {
    const store = getStore();
    await write(
      store,
      change({ id: 'it', index: { s: [words('n7')], d: [day(7)] } }),
      change({ id: 'other' }),
    );
    const names = Array.from(
      { length: 2500 },
      (_, n): Filter => ({
        kind: 'value',
        param: 's',
        test: { kind: 'string', match: 'prefix', text: `n${n}` },
      }),
    );
    const dates = Array.from(
      { length: 2500 },
      (_, n): Filter => ({
        kind: 'value',
        param: 'd',
        test: { kind: 'date', bounds: [{ end: 'first', is: '>=', at: at(-n) }] },
      }),
    );
    const nested = Array.from({ length: 60 }).reduce<Filter>((of) => ({ kind: 'not', of }), everything);
    for (const filter of [
      { kind: 'or', of: names },
      { kind: 'and', of: [...dates, nested] },
    ] as const) {
      expect(ids((await store.search({ ...all, types: ['Patient'], filter })).matches)).toEqual(['it']);
      expect(await store.count(['Patient'], filter)).toBe(1);
    }
  });

  it('answers a large page and a list of many codes', async () => {
    const store = getStore();
    const changes = Array.from({ length: 1200 }, (_, n) =>
      change({ id: `n${n}`, index: { code: [token(`c${n}`)] } }),
    );
    await write(store, ...changes);
    const patterns = Array.from({ length: 1200 }, (_, n) => ({ system: '', code: `c${n}` }));
    const filter: Filter = { kind: 'value', param: 'code', test: { kind: 'token', anyOf: patterns } };
    const page = await store.search({ types: ['Patient'], filter, sort: [], count: 1000 });
    expect(page.matches).toHaveLength(1000);
    expect(await store.count(['Patient'], filter)).toBe(1200);
  });
}

/** A part of a text that does not cut a character in two. */
function points(text: string, start: number, end: number): string {
  return Array.from(text).slice(start, end).join('');
}
