import { isResourceType, type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import { compilePath, type Draw } from './compile-path.ts';
import { type DistinctValues, openDistinctValues } from './distinct-values.ts';
import { drawValues, simpleValues } from './element-values.ts';
import { foldCode } from './fold-text.ts';
import { type IndexValues, noSystem, type SimpleValue } from './index-values.ts';
import { laterWords, laterWordsOf } from './name-words.ts';
import { positionValue } from './near.ts';
import type { OwnKeys } from './own-keys.ts';
import type { SearchParam, SearchParams } from './search-params.ts';
import { isWordParam, maxWords, textsOf, type WordParam, wordsOf } from './words.ts';

export type IndexOptions = {
  /** Absolute references that start with it are local; without a slash at the end. */
  readonly baseUrl: string;
  /** What a resource is found by too as this parameter: elements that it does not hold, but that follow from it. */
  readonly derived?: readonly DerivedElements[];
  readonly ownKeys?: readonly OwnKeys[];
};

export type DerivedElements = {
  readonly type: ResourceType;
  readonly code: string;
  readonly elementsOf: (resource: object) => readonly object[];
};

/** Draws the values that a resource is found by. The resource is only read. */
export type IndexResource = {
  (resource: object): IndexValues;
  /** The same of a resource that may be large, with pauses. */
  readonly withPauses: (resource: object, pause: () => Promise<void> | undefined) => Promise<IndexValues>;
};

/** One parameter: the elements of a resource that it looks at, and what each of them is found by. */
type Extract = {
  readonly draw: Draw;
  readonly take: (element: unknown, into: DistinctValues) => void;
};

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
    extracts.push(...ownExtracts(type, options));
    byType.set(type, extracts);
  }
  const extractsOf = (resource: object): readonly Extract[] => {
    const type = 'resourceType' in resource ? resource.resourceType : undefined;
    return typeof type === 'string' && isResourceType(type) ? (byType.get(type) ?? []) : [];
  };
  const atOnce = (resource: object) => {
    const into = openDistinctValues();
    for (const { draw, take } of extractsOf(resource))
      for (const element of draw(resource)) take(element, into);
    return into.values;
  };
  return Object.assign(atOnce, {
    withPauses: (resource: object, pause: () => Promise<void> | undefined) =>
      takeWithPauses(extractsOf(resource), resource, pause),
  });
}

/** So many elements are looked at between two pauses. */
const elementsPerStep = 200;

async function takeWithPauses(
  extracts: readonly Extract[],
  resource: object,
  pause: () => Promise<void> | undefined,
): Promise<IndexValues> {
  const into = openDistinctValues();
  for (const { draw, take } of extracts) {
    await pause();
    for (const [at, element] of draw(resource).entries()) {
      if (at % elementsPerStep === elementsPerStep - 1) await pause();
      take(element, into);
    }
  }
  return into.values;
}

function derivedExtracts(
  type: string,
  param: SearchParam,
  { baseUrl, derived = [] }: IndexOptions,
): readonly Extract[] {
  const ofParam = derived.filter((each) => each.type === type && each.code === param.code);
  return ofParam.map(({ elementsOf }) => ({
    draw: (resource) => elementsOf(resource as object),
    take: (element, into) =>
      drawValues(param.type, element, baseUrl, (value, side) => {
        if (side === undefined) into.add(param.code, value);
      }),
  }));
}

function ownExtracts(type: string, { ownKeys = [] }: IndexOptions): readonly Extract[] {
  const ofType = ownKeys.filter((keys) => keys.type === type);
  return ofType.map(({ code, keysOf }) => ({
    draw: (resource) => keysOf(resource as object),
    take: (key, into) => into.add(code, { kind: 'token', system: noSystem, code: foldCode(String(key)) }),
  }));
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
  const { code, type, isByWord } = param;
  const take: Extract['take'] = (element, into) =>
    drawValues(type, element, baseUrl, (value, side) => {
      into.add(side === undefined ? code : `${code}:${side}`, value);
      if (isByWord && value.kind === 'string') {
        for (const later of laterWords(value)) into.add(laterWordsOf(code), later);
      }
    });
  return { draw, take };
}

const extractPosition: Extract = {
  draw: (resource) => [(resource as { readonly position?: unknown }).position],
  take: (position, into) => {
    const value = positionValue(position);
    if (value) into.add('near', value);
  },
};

function compileWords(code: WordParam): Extract {
  return {
    draw: (resource) => textsOf(code, resource as object),
    take: (text, into) => {
      const isFull = () => (into.values[code]?.length ?? 0) >= maxWords;
      if (isFull()) return;
      for (const word of wordsOf(String(text))) {
        if (isFull()) return;
        into.addWord(code, word);
      }
    },
  };
}

/**
 * So many values a resource may have of one composite parameter; one more is drawn, so that a write of more can be refused.
 * Several vaccines and several dates on each of them multiply; no real resource comes near.
 */
export const mostCombinations = 10_000;

type Component = { readonly draw: Draw; readonly type: SearchParam['type'] };

async function compileComposite(param: SearchParam, baseUrl: string): Promise<Extract> {
  const draw = await toDraw(param.expression);
  const components: Component[] = [];
  for (const { expression, type } of param.components)
    components.push({ draw: await toDraw(expression), type });
  const { code } = param;
  const take: Extract['take'] = (parent, into) => {
    const values = components.map((component) => partsOf(component, parent, baseUrl));
    for (const parts of combinations(values)) {
      if (into.count(code) > mostCombinations) return;
      into.add(code, { kind: 'composite', parts });
    }
  };
  return { draw, take };
}

/** More of one component than there may be combinations are not looked at. */
function partsOf({ draw, type }: Component, parent: unknown, baseUrl: string): readonly SimpleValue[] {
  const parts: SimpleValue[] = [];
  for (const element of draw(parent)) {
    if (parts.length > mostCombinations) return parts;
    for (const value of simpleValues(type, element, baseUrl)) parts.push(value);
  }
  return parts;
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
