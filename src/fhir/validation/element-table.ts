import type { Definitions, ElementFacts } from './definitions.ts';
import { jsonName } from './json-name.ts';

/** What `_summary`, `_elements` and patches ask of the elements of a type, by their names in JSON (choices and `_x` siblings too). */
export type ElementTable = {
  readonly mandatory: ReadonlySet<string>;
  readonly modifier: ReadonlySet<string>;
  readonly summary: ReadonlySet<string>;
  /** Arrays in JSON. */
  readonly repeats: ReadonlySet<string>;
  /** The type to go on with below an element: `Patient.contact`, `HumanName`; a choice by its name in JSON. */
  readonly typeOf: (name: string) => string | undefined;
  /** Whether it has such an element; a choice goes by its name with or without the type. */
  readonly has: (name: string) => boolean;
};

/** Tables by type name or backbone path; each is made when it is first asked for. Undefined: no such type. */
export function openElementTables({ types }: Definitions): (type: string) => ElementTable | undefined {
  const tables = new Map<string, ElementTable>();
  return (type) => {
    const elements = Object.hasOwn(types, type) ? types[type]?.elements : undefined;
    if (!elements) return undefined;
    const known = tables.get(type) ?? toTable(Object.entries(elements));
    tables.set(type, known);
    return known;
  };
}

function toTable(elements: readonly (readonly [string, ElementFacts])[]): ElementTable {
  const typeByName = new Map<string, string>();
  const namesWhere = (test: (facts: ElementFacts) => boolean) => {
    const chosen = elements.filter(([, facts]) => test(facts));
    const names = chosen.flatMap(([element, facts]) => facts.types.map((type) => jsonName(element, type)));
    return new Set(names.flatMap((name) => [name, `_${name}`]));
  };
  for (const [element, facts] of elements) {
    for (const type of facts.types) typeByName.set(jsonName(element, type), type);
  }
  const choices = new Set(elements.map(([element]) => element.replace('[x]', '')));
  return {
    mandatory: namesWhere(({ min = 0 }) => min > 0),
    modifier: namesWhere(({ modifier = false }) => modifier),
    summary: namesWhere(({ summary = false }) => summary),
    repeats: namesWhere(({ max }) => max !== undefined),
    typeOf: (name) => typeByName.get(name),
    has: (name) => typeByName.has(name) || choices.has(name),
  };
}
