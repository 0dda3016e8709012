import { isResourceType, type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import { compilePath, type Draw } from './compile-path.ts';
import { type DistinctValues, openDistinctValues } from './distinct-values.ts';
import { drawValues, simpleValues } from './element-values.ts';
import type { IndexValues, SimpleValue } from './index-values.ts';
import { positionValue } from './near.ts';
import type { SearchParam, SearchParams } from './search-params.ts';
import { isWordParam, type WordParam, wordsOf } from './words.ts';

export type IndexOptions = {
  /** Absolute references that start with it are local; without a slash at the end. */
  readonly baseUrl: string;
  /** What a resource is found by too as this parameter: elements that it does not hold, but that follow from it. */
  readonly derived?: readonly DerivedElements[];
};

export type DerivedElements = {
  readonly type: ResourceType;
  readonly code: string;
  readonly elementsOf: (resource: object) => readonly object[];
};

/** The values a resource is found by. The resource is only read. */
export type IndexResource = (resource: object) => IndexValues;

type Extract = (resource: object, into: DistinctValues) => void;

/** The store keeps these itself. */
const keptByStore: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

/** Compiles every parameter once; what the compiler does not know is left to fhirpath, loaded only then. */
export async function buildIndexer(params: SearchParams, options: IndexOptions): Promise<IndexResource> {
  const byType = new Map<string, readonly Extract[]>();
  for (const [type, ofType] of params) {
    const extracts: Extract[] = [];
    for (const param of ofType.values()) {
      const extract = keptByStore.has(param.code) ? undefined : await compileParam(param, options.baseUrl);
      if (extract) extracts.push(extract);
      extracts.push(...derivedExtracts(type, param, options));
    }
    byType.set(type, extracts);
  }
  return (resource) => {
    const type = 'resourceType' in resource ? resource.resourceType : undefined;
    if (typeof type !== 'string' || !isResourceType(type)) return {};
    const into = openDistinctValues();
    for (const extract of byType.get(type) ?? []) extract(resource, into);
    return into.values;
  };
}

function derivedExtracts(
  type: string,
  param: SearchParam,
  { baseUrl, derived = [] }: IndexOptions,
): readonly Extract[] {
  const ofParam = derived.filter((each) => each.type === type && each.code === param.code);
  return ofParam.map(({ elementsOf }) => (resource, into) => {
    for (const element of elementsOf(resource)) {
      drawValues(param.type, element, baseUrl, (value, side) => {
        if (side === undefined) into.add(param.code, value);
      });
    }
  });
}

const typeNames: ReadonlySet<string> = new Set<string>(resourceTypes);

async function toDraw(expression: string): Promise<Draw> {
  return compilePath(expression, typeNames) ?? (await fhirpathDraw(expression));
}

async function fhirpathDraw(expression: string): Promise<Draw> {
  if (expression.includes('resolve(')) {
    throw new Error(
      `the search expression ${expression} uses resolve() otherwise than in where(resolve() is Type)`,
    );
  }
  const { default: fhirpath } = await import('fhirpath');
  const { default: model } = await import('fhirpath/fhir-context/r4');
  const compiled = fhirpath.compile(expression, model);
  // fhirpath.js writes into what it is given.
  return (from) => {
    const found: unknown = compiled(structuredClone(from) as never);
    return Array.isArray(found) ? found : [];
  };
}

/** Undefined when the parameter has nothing to be found by. */
async function compileParam(param: SearchParam, baseUrl: string): Promise<Extract | undefined> {
  if (isWordParam(param.code)) return compileWords(param.code);
  if (param.type === 'special') return param.code === 'near' ? extractPosition : undefined;
  if (param.expression === '') return undefined;
  if (param.type === 'composite') return compileComposite(param, baseUrl);
  const draw = await toDraw(param.expression);
  const { code, type } = param;
  return (resource, into) => {
    for (const element of draw(resource)) {
      drawValues(type, element, baseUrl, (value, side) => {
        into.add(side === undefined ? code : `${code}:${side}`, value);
      });
    }
  };
}

const extractPosition: Extract = (resource, into) => {
  const value = positionValue((resource as { readonly position?: unknown }).position);
  if (value) into.add('near', value);
};

/** No word stands twice, so it need not be looked for among the others. */
function compileWords(code: WordParam): Extract {
  return (resource, into) => {
    const words = wordsOf(code, resource);
    if (words.length > 0) into.set(code, words);
  };
}

/**
 * So many values a resource may have of one composite parameter; one more is drawn, so that a write of more can be refused.
 * Several vaccines and several dates on each of them multiply; no real resource comes near.
 */
export const mostCombinations = 10_000;

async function compileComposite(param: SearchParam, baseUrl: string): Promise<Extract> {
  const draw = await toDraw(param.expression);
  const components: { readonly draw: Draw; readonly type: SearchParam['type'] }[] = [];
  for (const { expression, type } of param.components)
    components.push({ draw: await toDraw(expression), type });
  return (resource, into) => {
    let count = 0;
    for (const parent of draw(resource)) {
      const values = components.map((component) =>
        component.draw(parent).flatMap((element) => simpleValues(component.type, element, baseUrl)),
      );
      for (const parts of combinations(values)) {
        if (count++ > mostCombinations) return;
        into.add(param.code, { kind: 'composite', parts });
      }
    }
  };
}

/**
 * One part of each list in every combination: what stands on one parent element belongs together. They are made one by one,
 * since there are as many as the lengths of the lists multiplied.
 */
function* combinations(
  [list, ...others]: readonly (readonly SimpleValue[])[],
  head: readonly SimpleValue[] = [],
): Generator<readonly SimpleValue[]> {
  if (!list) return yield head;
  for (const value of list) yield* combinations(others, [...head, value]);
}
