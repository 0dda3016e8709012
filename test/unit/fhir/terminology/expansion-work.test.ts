import type { CodeSystem, ValueSet, ValueSetComposeInclude } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { type CodeSystemIndex, indexCodeSystem } from '../../../../src/fhir/terminology/code-system-index.ts';
import {
  type KnownValueSet,
  type TerminologySource,
  toKnownValueSet,
} from '../../../../src/fhir/terminology/value-set-members.ts';

const systems = new Map<string, CodeSystemIndex>();
const valueSets = new Map<string, KnownValueSet>();
const source: TerminologySource = {
  codeSystem: (url) => systems.get(url),
  valueSet: (url) => valueSets.get(url),
};

function addSystem(url: string, count: number, more: object = {}): void {
  const concept = Array.from({ length: count }, (_, n) => ({ code: `c${n}`, ...more }));
  const resource = { resourceType: 'CodeSystem', url, status: 'active', content: 'complete', concept };
  systems.set(url, indexCodeSystem(resource as CodeSystem));
}

function define(
  url: string,
  include: readonly ValueSetComposeInclude[],
  exclude: readonly ValueSetComposeInclude[] = [],
): KnownValueSet {
  const compose = { include: [...include], exclude: [...exclude] };
  const known = toKnownValueSet({ resourceType: 'ValueSet', url, status: 'active', compose }, source);
  valueSets.set(url, known);
  return known;
}

const again = <Item>(times: number, item: Item): Item[] => Array.from({ length: times }, () => item);

addSystem('urn:few', 300);
addSystem('urn:many', 50_000);
addSystem('urn:more', 60_000);
addSystem('urn:rich', 300, { property: again(500, { code: 'p', valueString: 'x' }) });
addSystem('urn:nested', 50_000, { property: [{ code: 'parent', valueCode: 'c0' }] });
const few = { system: 'urn:few' };
const many = { system: 'urn:many' };
const below = { property: 'concept', op: 'is-a', value: 'c0' } as const;
const all = { property: 'code', op: 'is-not-a', value: 'none' } as const;
const ofProperty = { property: 'p', op: '=', value: 'x' } as const;
define('urn:set:many', [many]);
define('urn:set:other', [{ system: 'urn:other', concept: [{ code: 'x' }] }]);
define('urn:set:inner', again(10, few));

describe('the work of an expansion', () => {
  it.each([
    ['a small system again and again', [...again(10_000, few)], []],
    ['a large system again and again', [...again(100, many)], []],
    ['a small system excluded again and again', [few], again(10_000, few)],
    ['a value set again and again', again(10, { valueSet: ['urn:set:many'] }), []],
    ['one value set of an include again and again', [{ valueSet: again(300_000, 'urn:set:inner') }], []],
    [
      'value sets that have nothing in common',
      again(100, { valueSet: ['urn:set:many', 'urn:set:other'] }),
      [],
    ],
    ['filters again and again', [{ ...many, filter: again(1_000, all) }], []],
    ['filters that look at many properties', [{ system: 'urn:rich', filter: again(20, ofProperty) }], []],
    ['filters that walk through many links', [{ system: 'urn:nested', filter: again(2_000, below) }], []],
    [
      'filters of which none is passed',
      again(1_000, { ...many, filter: [{ ...all, op: '=' as const }] }),
      [],
    ],
  ])('is bounded: %s', (_, include, exclude) => {
    const began = performance.now();
    expect(define('urn:set:bad', include, exclude).members()).toMatchObject({ kind: 'too-costly' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it.each([
    ['the largest value set, through three others', 'urn:set:1', 50_000],
    ['a code of a system that is larger than any value set', 'urn:set:one', 1],
  ])('suffices for %s', (_, url, count) => {
    define('urn:set:3', [{ valueSet: ['urn:set:many'] }]);
    define('urn:set:2', [{ valueSet: ['urn:set:3'] }]);
    define('urn:set:1', [{ valueSet: ['urn:set:2'] }]);
    const filter = [{ property: 'code', op: '=' as const, value: 'c59999' }];
    define('urn:set:one', [{ system: 'urn:more', filter }]);
    expect(valueSets.get(url)?.members()).toHaveProperty('size', count);
  });

  it('names the value set that was asked for where two include each other', () => {
    define('urn:set:a', [{ valueSet: ['urn:set:b'] }]);
    define('urn:set:b', [{ valueSet: ['urn:set:a'] }]);
    for (const url of ['urn:set:b', 'urn:set:a']) {
      const text = `The value set ${url} includes itself`;
      expect(valueSets.get(url)?.members()).toEqual({ kind: 'circular', text });
    }
  });

  it('refuses to exclude more codes than a value set may have instead of some of them', () => {
    const listed = { system: 'urn:more', concept: [{ code: 'c59999' }] };
    const known = define('urn:set:ex', [listed], [{ system: 'urn:more' }]);
    expect(known.members()).toMatchObject({ kind: 'too-costly' });
  });

  it('refuses a stored expansion of more codes than a value set may have', () => {
    const contains = Array.from({ length: 50_001 }, (_, n) => ({ system: 'urn:x', code: `c${n}` }));
    const expansion = { timestamp: '2026-01-01', contains };
    const resource: ValueSet = { resourceType: 'ValueSet', status: 'active', expansion };
    expect(toKnownValueSet(resource, source).members()).toMatchObject({ kind: 'too-costly' });
  });

  it('of one question is not held against the value sets that it came by', () => {
    define('urn:set:fresh', [many]);
    define('urn:set:over', [...again(3, many), { valueSet: ['urn:set:fresh'] }]);
    expect(valueSets.get('urn:set:over')?.members()).toMatchObject({ kind: 'too-costly' });
    expect(valueSets.get('urn:set:fresh')?.members()).toHaveProperty('size', 50_000);
  });

  it('lets others come first, who may ask of the same value set', async () => {
    const known = define('urn:set:shared', [many]);
    let pauses = 0;
    const seen: unknown[] = [];
    const members = await known.membersInTurns(async () => {
      if (++pauses === 3) seen.push(known.members());
    });
    expect(pauses).toBeGreaterThan(50);
    expect([members, ...seen]).toMatchObject([{ size: 50_000 }, { size: 50_000 }]);
  });

  it('ends where who asked has gone, and can be asked for again', async () => {
    const known = define('urn:set:gone', [many]);
    const leave = () => Promise.reject(new Error('gone'));
    await expect(known.membersInTurns(leave)).rejects.toThrow('gone');
    expect(known.members()).toHaveProperty('size', 50_000);
  });
});
