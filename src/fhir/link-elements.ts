import { isCanonicalUrl } from './validation/canonical-url.ts';
import type { Definitions } from './validation/definitions.ts';
import { type XmlElement, xmlElementsOf } from './xml-elements.ts';

/**
 * What an element is to who looks for links. `reference`: Reference.reference. `uri`: a value of type uri or url that may
 * point at a resource. `narrative`: XHTML. `resource` and `complex` hold other elements.
 */
export type LinkElement =
  | { readonly kind: 'reference' | 'uri' | 'narrative' | 'resource' }
  | { readonly kind: 'complex'; readonly type: string };

export type LinkElements = ReadonlyMap<string, LinkElement>;

const tablesOf = new WeakMap<Definitions, Map<string, LinkElements>>();

/** The elements of a type that are links or may hold some, by their names in JSON; made when they are first asked for. */
export function linkElementsOf(definitions: Definitions, type: string): LinkElements {
  const tables = tablesOf.get(definitions) ?? new Map<string, LinkElements>();
  tablesOf.set(definitions, tables);
  const known = tables.get(type);
  if (known) return known;
  const found = new Map<string, LinkElement>();
  for (const element of xmlElementsOf(definitions, type).values())
    addElement(found, element, type, definitions);
  tables.set(type, found);
  return found;
}

function addElement(
  found: Map<string, LinkElement>,
  element: XmlElement,
  owner: string,
  definitions: Definitions,
): void {
  const { name, type, form } = element;
  if (form === 'complex') found.set(name, { kind: 'complex', type });
  else if (form === 'resource') found.set(name, { kind: 'resource' });
  else if (form === 'xhtml') found.set(name, { kind: 'narrative' });
  else if (form === 'primitive') {
    if (isReference(owner, name)) found.set(name, { kind: 'reference' });
    else if (linkTypes.has(type) && !isName(owner, name, definitions)) found.set(name, { kind: 'uri' });
    found.set(`_${name}`, { kind: 'complex', type: 'Element' });
  }
}

function isReference(owner: string, name: string): boolean {
  return owner === 'Reference' && name === 'reference';
}

/** R4 http.html#trules names oid and uuid too, but a value of these types cannot be the URL that it would become. */
const linkTypes: ReadonlySet<string> = new Set(['uri', 'url']);

/** URIs that say which thing something is, by a name that is the same everywhere; `system` is one in every type. */
const names: ReadonlySet<string> = new Set([
  ...['Reference.type', 'Bundle.entry.fullUrl', 'ValueSet.expansion.identifier', 'CodeSystem.property.uri'],
  ...['ConceptMap.sourceUri', 'ConceptMap.targetUri', 'ConceptMap.group.source', 'ConceptMap.group.target'],
  ...['ConceptMap.group.element.target.dependsOn.property', 'MessageHeader.eventUri'],
  ...['MessageDefinition.eventUri', 'StructureDefinition.type', 'StructureDefinition.mapping.uri'],
  ...['ElementDefinition.type.code', 'ElementDefinition.fixedUri', 'ElementDefinition.patternUri'],
]);

function isName(owner: string, name: string, definitions: Definitions): boolean {
  if (name === 'system' || name === 'implicitRules' || names.has(`${owner}.${name}`)) return true;
  return isCanonicalUrl(owner, name, definitions);
}
