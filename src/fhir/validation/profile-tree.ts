import type { JsonValue } from '../fhir-json.ts';
import { type CompiledBinding, compileBinding, type ValueSets } from './binding.ts';
import type { FhirPathEngine, ProfileDefinition, ProfileElement, ProfileElementType } from './definitions.ts';
import { compileFhirPathTest } from './fhirpath-test.ts';
import type { Invariant } from './invariant.ts';
import { nativeProfileTests } from './native-profile-tests.ts';

/** What a profile says of one element, and below it of its children and slices. */
export type ProfileRule = {
  /** As the definition names it: `value[x]`. */
  readonly name: string;
  readonly sliceName: string | undefined;
  readonly min: number;
  readonly max: number;
  readonly types: readonly ProfileElementType[] | undefined;
  readonly fixed: JsonValue | undefined;
  readonly pattern: JsonValue | undefined;
  readonly binding: CompiledBinding | undefined;
  readonly invariants: readonly Invariant[];
  readonly children: ReadonlyMap<string, ProfileRule>;
  readonly discriminators: readonly Discriminator[];
  readonly closed: boolean;
  readonly slices: readonly ProfileRule[];
};

export type Discriminator = { readonly type: string; readonly path: string };

export type Profile = {
  readonly url: string;
  readonly name: string;
  readonly type: string;
  readonly rule: ProfileRule;
};

export type ProfileSources = {
  /** The profile and those it is derived from, the most general first. */
  readonly chain: readonly ProfileDefinition[];
  readonly valueSets: ValueSets;
  readonly fhirPath: () => FhirPathEngine;
};

type Draft = { -readonly [Name in keyof Omit<ProfileRule, 'children' | 'slices'>]: ProfileRule[Name] } & {
  readonly children: Map<string, Draft>;
  readonly slices: Draft[];
};

/** Lays the differentials over each other, so that a rule of the derived profile replaces that of its base. */
export function compileProfile({ chain, valueSets, fhirPath }: ProfileSources): Profile | undefined {
  const definition = chain.at(-1);
  if (!definition) return undefined;
  const root = openDraft(definition.type, undefined);
  for (const { differential, type } of chain) {
    for (const element of differential.element) {
      const draft = draftAt(root, element.id.split('.').slice(1));
      layOver(draft, element, valueSets);
      draft.invariants = [...draft.invariants, ...invariantsOf(element, type, fhirPath)];
    }
  }
  const { url, name = url.slice(url.lastIndexOf('/') + 1), type } = definition;
  return { url, name, type, rule: root };
}

function openDraft(name: string, sliceName: string | undefined): Draft {
  return {
    name,
    sliceName,
    min: 0,
    max: Number.POSITIVE_INFINITY,
    types: undefined,
    fixed: undefined,
    pattern: undefined,
    binding: undefined,
    invariants: [],
    children: new Map(),
    discriminators:
      name === 'extension' || name === 'modifierExtension' ? [{ type: 'value', path: 'url' }] : [],
    closed: false,
    slices: [],
  };
}

/** `extension:race.url`: the child `extension`, its slice `race`, the child `url`. */
function draftAt(root: Draft, steps: readonly string[]): Draft {
  let at = root;
  for (const step of steps) {
    const [name = '', sliceName] = step.split(':');
    const child = at.children.get(name) ?? openDraft(name, undefined);
    at.children.set(name, child);
    at = sliceName === undefined ? child : sliceOf(child, sliceName);
  }
  return at;
}

function sliceOf(draft: Draft, sliceName: string): Draft {
  const known = draft.slices.find((slice) => slice.sliceName === sliceName);
  if (known) return known;
  const slice = openDraft(draft.name, sliceName);
  draft.slices.push(slice);
  return slice;
}

function layOver(draft: Draft, element: ProfileElement, valueSets: ValueSets): void {
  const { type, binding, slicing } = element;
  // The root's cardinality is that of the resource in its container, which nobody counts.
  if (element.id.includes('.')) layCardinality(draft, element);
  if (type) draft.types = type;
  if (binding?.valueSet) draft.binding = bindingOf(binding.strength, binding.valueSet, valueSets);
  if (slicing) {
    draft.discriminators = slicing.discriminator ?? draft.discriminators;
    draft.closed = slicing.rules === 'closed';
  }
  for (const [key, value] of Object.entries(element)) {
    if (/^fixed[A-Z]/.test(key)) draft.fixed = value as JsonValue;
    else if (/^pattern[A-Z]/.test(key)) draft.pattern = value as JsonValue;
  }
}

function layCardinality(draft: Draft, { min, max }: ProfileElement): void {
  if (min !== undefined) draft.min = min;
  if (max !== undefined) draft.max = max === '*' ? Number.POSITIVE_INFINITY : Number(max);
}

function bindingOf(strength: string, valueSet: string, valueSets: ValueSets): CompiledBinding | undefined {
  const url = valueSet.split('|')[0] ?? '';
  if (strength === 'required') return compileBinding({ required: url }, valueSets);
  return strength === 'extensible' ? compileBinding({ extensible: url }, valueSets) : undefined;
}

function invariantsOf(
  element: ProfileElement,
  type: string,
  fhirPath: () => FhirPathEngine,
): readonly Invariant[] {
  const base = [type, ...element.id.split('.').slice(1)].map((step) => step.split(':')[0]).join('.');
  return (element.constraint ?? []).flatMap(({ key, severity, human, expression }) => {
    if (expression === undefined) return [];
    const native = nativeProfileTests[expression];
    const test = native ?? compileFhirPathTest({ expression, base, elements: [], fhirPath });
    return [{ key, severity, human, test }];
  });
}
