import * as fc from 'fast-check';
import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';
import { expect, it } from 'vitest';
import { indexCodeSystem } from '../../../../src/fhir/terminology/code-system-index.ts';
import { pageOfMembers } from '../../../../src/fhir/terminology/expand-value-set.ts';
import { isFault } from '../../../../src/fhir/terminology/members.ts';
import { indexConceptMap } from '../../../../src/fhir/terminology/translate-code.ts';
import { validateInCodeSystem, validateInValueSet } from '../../../../src/fhir/terminology/validate-code.ts';
import { toKnownValueSet } from '../../../../src/fhir/terminology/value-set-members.ts';
import { shippedTerminology } from './shipped-terminology.ts';

const terminology = shippedTerminology();
const cvx = 'http://hl7.org/fhir/sid/cvx';
const designation = [{ language: 'en', value: 'x' }];
const property = [{ code: 'parent', valueCode: 'a' }];
const concept = [
  { code: 'a', display: 'A', definition: 'd', designation, property, concept: [{ code: 'b' }] },
];
const codeSystem = { resourceType: 'CodeSystem', url: 'urn:s', version: '1', content: 'complete', concept };
const include = [
  { system: cvx, version: '1', concept: [{ code: '03', display: 'MMR', designation }] },
  { system: cvx, filter: [{ property: 'concept', op: 'is-a', value: '03' }] },
  { valueSet: [`${cvx}/vs`] },
];
const expansion = { contains: [{ system: cvx, code: '03', display: 'x', designation, contains: [] }] };
const valueSet = { resourceType: 'ValueSet', url: 'urn:v', compose: { include, exclude: include } };
const element = [{ code: 'a', display: 'A', target: [{ code: '03', display: 'x', equivalence: 'wider' }] }];
const unmapped = { mode: 'fixed', code: 'x' };
const group = [{ source: 'urn:s', target: cvx, sourceVersion: '1', element, unmapped }];
const conceptMap = { resourceType: 'ConceptMap', url: 'urn:m', group };

type Path = readonly (string | number)[];

function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

function replaced(value: unknown, [key, ...rest]: Path, junk: unknown): unknown {
  if (key === undefined) return junk;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, junk);
  return copy;
}

const spoilt = (resource: object) =>
  fc
    .tuple(
      fc.constantFrom(...pathsIn(resource)),
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant({ toString: 'x' })),
    )
    .map(([path, junk]) => replaced(resource, path, junk));
const runs = { numRuns: 2000 };
const given = { system: cvx, code: '03', display: 'x' };
const options = { abstract: false, language: 'en' };

it('reads any value set without an exception', () => {
  void fc.assert(
    fc.property(fc.oneof(spoilt(valueSet), spoilt({ resourceType: 'ValueSet', expansion })), (sent) => {
      const members = toKnownValueSet(sent as ValueSet, terminology).members();
      if (isFault(members)) return;
      const query = { offset: 0, activeOnly: false, selectableOnly: false, designations: new Set(['en']) };
      pageOfMembers(members, { ...query, filter: 'm', language: 'en', includeDesignations: true });
      validateInValueSet(given, 'urn:v', members, terminology, options);
    }),
    runs,
  );
});

it('reads any code system without an exception', () => {
  void fc.assert(
    fc.property(spoilt(codeSystem), (sent) => {
      const system = indexCodeSystem(sent as CodeSystem);
      for (const code of ['a', 'b']) validateInCodeSystem({ code, display: 'x' }, system, options);
      expect(system.below('a').size).toBeGreaterThan(0);
      expect(system.above('b').size).toBeGreaterThan(0);
    }),
    runs,
  );
});

it('reads any concept map without an exception', () => {
  void fc.assert(
    fc.property(spoilt(conceptMap), fc.boolean(), (sent, reverse) => {
      const map = indexConceptMap(sent as ConceptMap);
      map.translate({ system: 'urn:s', code: 'a', reverse }, terminology);
      map.translate({ system: cvx, code: '03', reverse }, terminology);
    }),
    runs,
  );
});
