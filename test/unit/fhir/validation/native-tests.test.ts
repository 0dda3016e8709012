import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/fhir/fhir-json.ts';
import { compileFhirPathTest } from '../../../../src/fhir/validation/fhirpath-test.ts';
import { nativeTests } from '../../../../src/fhir/validation/native-tests.ts';
import { isObject, type Scope } from '../../../../src/fhir/validation/run.ts';
import { readValidatorSources } from '../../../../src/shipped/validator.ts';
import { madeUpElement } from './made-up-element.ts';
import { errorsOf, readOracleCases } from './test-validator.ts';

const { definitions, fhirPath } = readValidatorSources();

/** Where the code is meant to differ from the published expression, and why. */
const meantToDiffer = new Map([
  ['per-1', 'dates of different precision are compared by what they may mean'],
  ['rng-2', 'quantities of different units are not compared'],
  ['ref-1', '# alone points at the container'],
  ['con-3', 'the expression compares a concept with a string'],
  ['ctm-1', 'what a reference points at is not fetched'],
  ['ras-2', 'fhirpath.js finds FHIR.decimal to be no decimal'],
  ['eld-19', 'fhirpath.js cannot compile its regular expression'],
  ['eld-20', 'fhirpath.js cannot compile its regular expression'],
  ['eld-11', 'select() of booleans always exists'],
  ['que-7', 'fhirpath.js tells FHIR.boolean from System.Boolean'],
]);

type Place = { readonly focus: JsonObject; readonly scope: Scope };

/** Rules are asked only of what is built right. */
const resources = [...readOracleCases(), ...readOracleCases('held-out/')]
  .map(({ resource }) => resource as JsonObject)
  .filter((resource) => errorsOf(resource).every(({ code }) => code !== 'structure' && code !== 'required'));

/** Every object of the type in the oracle's cases, as the walk would meet it. */
function placesOf(typeName: string): Place[] {
  return resources.flatMap((resource) => {
    const scope = scopeOf(resource);
    return nodesIn(resource, String(resource['resourceType']))
      .filter(({ type }) => type === typeName)
      .map(({ node }) => ({ focus: node, scope }));
  });
}

type TypedNode = { readonly node: JsonObject; readonly type: string };

function nodesIn(node: JsonObject, type: string): readonly TypedNode[] {
  const elements = Object.entries(definitions.types[type]?.elements ?? {});
  const below = elements.flatMap(
    ([
      name,
      {
        types: [first = ''],
      },
    ]) => [node[name] ?? []].flat().flatMap((value) => (isObject(value) ? nodesIn(value, first) : [])),
  );
  return [{ node, type }, ...below];
}

function scopeOf(resource: JsonObject): Scope {
  return {
    resource,
    root: resource,
    contained: new Map(),
    elementIds: new Set(),
    localReferences: new Set(),
    entries: undefined,
  };
}

const rules = Object.entries(definitions.types).flatMap(([type, { constraints = [], elements = {} }]) =>
  constraints
    .filter((key) => nativeTests[key] && !key.endsWith('-0') && !meantToDiffer.has(key))
    .map((key) => ({ key, type, names: Object.keys(elements) })),
);
const once = [...new Map(rules.map((rule) => [rule.key, rule])).values()];

it.each(once)('$key says in code what its FHIRPath says', ({ key, type, names }) => {
  const expression = definitions.constraints[key]?.expression ?? '';
  const published = compileFhirPathTest({ expression, base: type, elements: names, fhirPath });
  const native = nativeTests[key];
  const madeUp = fc
    .sample(madeUpElement(definitions, type, expression), { seed: 1, numRuns: 80 })
    .map((made) => {
      const isResource = definitions.types[type]?.kind === 'resource';
      const focus = { ...(isResource && { resourceType: type }), ...(made as JsonObject) };
      return { focus, scope: scopeOf(isResource ? focus : resourceAround(focus)) };
    });
  for (const { focus, scope } of [...placesOf(type).slice(0, 40), ...madeUp]) {
    const said = published(focus, scope);
    if (said !== undefined) expect([key, focus, native?.(focus, scope)]).toEqual([key, focus, said]);
  }
});

/** Of the rules on a part, only those of a snapshot look around. */
function resourceAround(focus: JsonObject): JsonObject {
  return {
    resourceType: 'StructureDefinition',
    kind: 'resource',
    type: 'Thing',
    snapshot: focus,
    differential: focus,
  };
}

it('every rule in code is a rule of R4', () => {
  const known = new Set(Object.keys(definitions.constraints));
  expect(Object.keys(nativeTests).filter((key) => !known.has(key) && !key.endsWith('-0'))).toEqual([]);
});

it('a rule in FHIRPath is skipped only where its answer is that of an empty element', () => {
  const elements = Object.keys(definitions.types['Questionnaire.item']?.elements ?? {});
  const expression = definitions.constraints['que-8']?.expression ?? '';
  const base = 'Questionnaire.item';
  const quick = compileFhirPathTest({ expression, base, elements, fhirPath });
  const full = compileFhirPathTest({ expression, base, elements: [], fhirPath });
  const value = fc.constantFrom('group', 'display', 'string', 'choice');
  const item = fc.record(
    { linkId: value, type: value, text: value, initial: fc.constant([{ valueString: 'x' }]) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(item, (focus) => quick(focus, scopeOf({})) === full(focus, scopeOf({}))),
    { numRuns: 100 },
  );
});
