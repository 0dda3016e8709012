import type { Definitions, ElementFacts } from './validation/definitions.ts';
import { jsonName } from './validation/json-name.ts';

export const fhirNamespace = 'http://hl7.org/fhir';

/** How an element of a type is written in XML (R4 xml.html). */
export type XmlElement = {
  /** The same in JSON and XML; a choice has the name of its type at the end. */
  readonly name: string;
  readonly type: string;
  readonly form: 'attribute' | 'primitive' | 'complex' | 'resource' | 'xhtml';
  /** An array in JSON. */
  readonly repeats: boolean;
  /** Its place among the elements of the type. */
  readonly order: number;
};

export type XmlElements = ReadonlyMap<string, XmlElement>;

const tablesOf = new WeakMap<Definitions, Map<string, XmlElements>>();

/** The elements of a resource, datatype or backbone element by name; made when they are first asked for. */
export function xmlElementsOf(definitions: Definitions, type: string): XmlElements {
  const tables = tablesOf.get(definitions) ?? new Map<string, XmlElements>();
  tablesOf.set(definitions, tables);
  const known = tables.get(type);
  if (known) return known;
  const elements = toXmlElements(definitions, Object.entries(definitions.types[type]?.elements ?? {}));
  tables.set(type, elements);
  return elements;
}

/** A resource type that can stand in a document: Resource and DomainResource cannot. */
export function isConcreteResource({ types }: Definitions, name: string): boolean {
  const definition = Object.hasOwn(types, name) ? types[name] : undefined;
  return definition?.kind === 'resource' && definition.abstract !== true;
}

function toXmlElements(
  definitions: Definitions,
  elements: readonly (readonly [string, ElementFacts])[],
): XmlElements {
  const rows = elements.flatMap(([element, facts]) =>
    facts.types.map((type) => ({
      name: jsonName(element, type),
      type,
      form: facts.attribute ? 'attribute' : formOf(definitions, type),
      repeats: facts.max !== undefined,
    })),
  );
  return new Map(rows.map((row, order) => [row.name, { ...row, order }]));
}

function formOf({ types }: Definitions, type: string): XmlElement['form'] {
  if (type === 'xhtml') return 'xhtml';
  const kind = types[type]?.kind;
  return kind === 'primitive' || kind === 'resource' ? kind : 'complex';
}
