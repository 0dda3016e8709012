import { type CompiledBinding, compileBinding, type ValueSets } from './binding.ts';
import { isCanonicalUrl } from './canonical-url.ts';
import type { Definitions, ElementFacts, FhirPathEngine } from './definitions.ts';
import { compileInvariants, type Invariant } from './invariant.ts';
import { jsonName } from './json-name.ts';
import { absoluteUri, type PrimitiveRule, primitiveRules } from './primitive-rules.ts';

/** A type as the walker uses it. */
export type TypeNode = {
  readonly name: string;
  readonly kind: 'complex' | 'backbone' | 'resource';
  /** By every name that the element may have in JSON: `valueQuantity`, `_birthDate`. */
  readonly slots: ReadonlyMap<string, Slot>;
  readonly elements: ReadonlyMap<string, ElementFacts>;
  readonly invariants: readonly Invariant[];
};

/** One JSON name of one element. */
export type Slot = {
  /** The name in JSON; of a sibling, that of the primitive it belongs to. */
  readonly key: string;
  /** Of a primitive, the name of its sibling in JSON; of a sibling, that of the primitive. */
  readonly other: string;
  /** As definitions name it: `Patient.contact.name`, `HumanName.family`. */
  readonly path: string;
  /** The step in an expression: no `_`, and no type for a choice. */
  readonly step: string;
  /** As in the definition: `value[x]`. */
  readonly element: string;
  readonly type: string;
  readonly facts: ElementFacts;
  /** `sibling`: the object beside a primitive (`_birthDate`). */
  readonly shape: 'primitive' | 'sibling' | 'complex' | 'resource';
  readonly primitive: PrimitiveRule | undefined;
  /** The node of a complex type; of a sibling, Element. */
  readonly node: TypeNode | undefined;
  readonly binding: CompiledBinding | undefined;
  readonly invariants: readonly Invariant[];
  /** A URL, which may point at a contained resource with `#id`. */
  readonly isLink: boolean;
};

export type TypeTable = {
  /** The node of a resource, datatype or backbone element; undefined for a primitive and for an unknown name. */
  readonly get: (name: string) => TypeNode | undefined;
};

/** Compiles types when they are first asked for, with all that they may hold. */
export function openTypeTable(
  definitions: Definitions,
  valueSets: ValueSets,
  fhirPath: () => FhirPathEngine,
): TypeTable {
  const nodes = new Map<string, TypeNode>();
  const get = (name: string): TypeNode | undefined => {
    const known = nodes.get(name);
    if (known) return known;
    const definition = Object.hasOwn(definitions.types, name) ? definitions.types[name] : undefined;
    if (!definition?.elements || definition.kind === 'primitive') return undefined;
    const slots = new Map<string, Slot>();
    const elements = new Map(Object.entries(definition.elements));
    const names = [...elements.keys()];
    const invariantsOf = (keys: readonly string[] = [], base = name) =>
      compileInvariants({ keys, base, elements: names, definitions, fhirPath });
    const node = {
      name,
      kind: definition.kind,
      slots,
      elements,
      invariants: invariantsOf(definition.constraints),
    };
    // Known before its slots are, for types hold each other.
    nodes.set(name, node);
    for (const [element, facts] of elements) {
      const invariants = invariantsOf(facts.constraints, `${name}.${element}`);
      const binding = compileBinding(facts.binding, valueSets);
      for (const type of facts.types) {
        addSlots(slots, { owner: name, element, type, facts, binding, invariants, get, definitions });
      }
    }
    return node;
  };
  return { get };
}

type SlotSource = Pick<Slot, 'element' | 'type' | 'facts' | 'binding' | 'invariants'> & {
  readonly owner: string;
  readonly get: (name: string) => TypeNode | undefined;
  readonly definitions: Definitions;
};

function addSlots(slots: Map<string, Slot>, source: SlotSource): void {
  const { owner, element, type, facts, get, definitions } = source;
  const key = jsonName(element, type);
  const kind = definitions.types[type]?.kind;
  const isPrimitive = kind === 'primitive';
  const path = `${owner}.${element}`;
  const slot = {
    key,
    other: `_${key}`,
    path,
    step: element.replace('[x]', ''),
    element,
    type,
    facts,
    shape: isPrimitive ? 'primitive' : kind === 'resource' ? 'resource' : 'complex',
    primitive: isPrimitive ? ruleOf(owner, element, type, definitions) : undefined,
    node: get(type),
    // Required codes of base types are checked with the structure.
    binding: type === 'code' && facts.binding?.required ? undefined : source.binding,
    invariants: source.invariants,
    isLink: linkTypes.has(type) || path === 'Reference.reference',
  } as const;
  slots.set(key, slot);
  if (!isPrimitive || facts.attribute || type === 'xhtml') return;
  slots.set(slot.other, {
    ...slot,
    other: key,
    shape: 'sibling',
    primitive: undefined,
    node: get('Element'),
  });
}

function ruleOf(
  owner: string,
  element: string,
  type: string,
  definitions: Definitions,
): PrimitiveRule | undefined {
  const isName = isCanonicalUrl(owner, element, definitions) || `${owner}.${element}` === 'Identifier.system';
  return isName ? absoluteUri : primitiveRules[type];
}

const linkTypes: ReadonlySet<string> = new Set(['uri', 'url', 'canonical']);
