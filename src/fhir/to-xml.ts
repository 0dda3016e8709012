import type { JsonObject, JsonValue } from './fhir-json.ts';
import { hasMoreValues } from './has-more-values.ts';
import type { Definitions } from './validation/definitions.ts';
import { findNarrativeFault } from './validation/narrative.ts';
import { writtenNumber } from './written-numbers.ts';
import { keepOuterBlanks } from './xml-blanks.ts';
import {
  fhirNamespace,
  isConcreteResource,
  type XmlElement,
  type XmlElements,
  xmlElementsOf,
} from './xml-elements.ts';

/** A resource that XML cannot hold: an element that R4 does not have, a narrative that is not well-formed. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
}

type Style = {
  readonly definitions: Definitions;
  /** What begins a line at that depth: nothing, where the XML is not indented. */
  readonly line: (depth: number) => string;
  /** Lists that were written before. */
  readonly ready?: ReadonlyMap<unknown, string>;
};

/** An element with what may stand beside it in JSON, and where its value stands, so that its digits are found. */
type Item = {
  readonly value: JsonValue | undefined;
  readonly sibling: JsonValue | undefined;
  readonly parent: object;
  readonly key: string | number;
};

/**
 * A resource as FHIR XML (R4 xml.html), its elements in the order of the definitions. Numbers keep the digits they
 * were parsed with. Characters that XML 1.0 does not have become U+FFFD. Throws an XmlFault.
 */
export function toXml(
  resource: JsonObject,
  definitions: Definitions,
  { pretty = false }: { readonly pretty?: boolean } = {},
): string {
  return writeDocument({ definitions, line: lineOf(pretty) }, resource, pretty);
}

/** The same of a resource that may be large, with pauses. */
export async function toXmlWithPauses(
  resource: JsonObject,
  definitions: Definitions,
  { pretty, pause }: { readonly pretty: boolean; readonly pause: () => Promise<void> | undefined },
): Promise<string> {
  const ready = new Map<unknown, string>();
  const style = { definitions, line: lineOf(pretty), ready };
  const type = String(resource['resourceType']);
  if (isConcreteResource(definitions, type)) await writeAhead({ style, ready, pause }, resource, type, 1);
  return writeDocument(style, resource, pretty);
}

type Ahead = {
  readonly style: Style;
  readonly ready: Map<unknown, string>;
  readonly pause: () => Promise<void> | undefined;
};

/** So many values are written at a stretch. */
const valuesPerStep = 500;

/** Writes the long lists of an object, and the entries of a Bundle, so that they are there when the object itself is written. */
async function writeAhead(ahead: Ahead, object: JsonObject, type: string, depth: number): Promise<void> {
  if (type !== 'Bundle' && !hasMoreValues(object, valuesPerStep)) return;
  for (const element of elementsIn(ahead.style, object, type)) {
    const value = object[element.name];
    if (element.form !== 'complex' && element.form !== 'resource') continue;
    if (Array.isArray(value)) await writeListAhead(ahead, element, value, depth);
    else if (isObject(value)) await writeInside(ahead, element, value, depth);
  }
}

async function writeListAhead(
  ahead: Ahead,
  element: XmlElement,
  list: readonly JsonValue[],
  depth: number,
): Promise<void> {
  if (!element.repeats || (element.name !== 'entry' && !hasMoreValues(list, valuesPerStep))) return;
  const items: string[] = [];
  for (const [key, value] of list.entries()) {
    await ahead.pause();
    if (isObject(value)) await writeInside(ahead, element, value, depth);
    items.push(writeItem(ahead.style, element, { value, sibling: undefined, parent: list, key }, depth));
  }
  ahead.ready.set(list, items.join(''));
}

async function writeInside(
  ahead: Ahead,
  { form, type }: XmlElement,
  value: JsonObject,
  depth: number,
): Promise<void> {
  if (form !== 'resource') return writeAhead(ahead, value, type, depth + 1);
  const own = String(value['resourceType']);
  if (isConcreteResource(ahead.style.definitions, own)) await writeAhead(ahead, value, own, depth + 2);
}

function lineOf(pretty: boolean): Style['line'] {
  return pretty ? (depth) => `\n${'  '.repeat(depth)}` : () => '';
}

function writeDocument(style: Style, resource: JsonObject, pretty: boolean): string {
  const root = writeResource(style, resource, 0, ` xmlns="${fhirNamespace}"`);
  return `<?xml version="1.0" encoding="UTF-8"?>${pretty ? '' : '\n'}${root}\n`;
}

function writeResource(style: Style, resource: JsonObject, depth: number, namespace = ''): string {
  const type = resource['resourceType'];
  if (typeof type !== 'string' || !isConcreteResource(style.definitions, type)) {
    throw new XmlFault(`${JSON.stringify(type)} is no resource type of R4`);
  }
  const { content } = writeMembers(style, resource, type, depth + 1);
  return tag(style, type, namespace, content, depth);
}

type Members = { readonly attributes: string; readonly content: string };

function writeMembers(style: Style, object: JsonObject, type: string, depth: number): Members {
  let attributes = '';
  let content = '';
  for (const element of elementsIn(style, object, type)) {
    if (element.form === 'attribute') attributes += attribute(element.name, String(object[element.name]));
    else content += writeElement(style, element, object, depth);
  }
  return { attributes, content };
}

/** The elements that the object has, in the order of the definitions. */
function elementsIn(style: Style, object: JsonObject, type: string): readonly XmlElement[] {
  const elements = xmlElementsOf(style.definitions, type);
  const found: XmlElement[] = [];
  for (const key of Object.keys(object)) {
    // The name of a resource, except in ExampleScenario.instance, where it is an element.
    if (object[key] === undefined || (key === 'resourceType' && !elements.has(key))) continue;
    const element = elements.get(key) ?? elementBeside(elements, key);
    if (!element) throw new XmlFault(`${type} has no element "${key}"`);
    if (element.name === key || object[element.name] === undefined) found.push(element);
  }
  return found.sort((a, b) => a.order - b.order);
}

/** The primitive whose id and extensions stand under the name with '_'. */
function elementBeside(elements: XmlElements, key: string): XmlElement | undefined {
  const element = key.startsWith('_') ? elements.get(key.slice(1)) : undefined;
  return element?.form === 'primitive' ? element : undefined;
}

function writeElement(style: Style, element: XmlElement, object: JsonObject, depth: number): string {
  const { name, repeats } = element;
  const value = object[name];
  const ready = style.ready?.get(value);
  if (ready !== undefined) return ready;
  const sibling = object[`_${name}`];
  if (!repeats) return writeItem(style, element, { value, sibling, parent: object, key: name }, depth);
  const values = asArray(value, name);
  const siblings = asArray(sibling, `_${name}`);
  let text = '';
  for (let key = 0; key < Math.max(values.length, siblings.length); key++) {
    text += writeItem(
      style,
      element,
      { value: values[key], sibling: siblings[key], parent: values, key },
      depth,
    );
  }
  return text;
}

function asArray(value: JsonValue | undefined, name: string): readonly JsonValue[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new XmlFault(`"${name}" is not an array`);
}

function writeItem(style: Style, element: XmlElement, item: Item, depth: number): string {
  const { name, type, form } = element;
  if (form === 'primitive') return writePrimitive(style, name, item, depth);
  if (form === 'xhtml') return style.line(depth) + toDiv(item.value);
  if (!isObject(item.value)) throw new XmlFault(`"${name}" is not an object`);
  if (form === 'resource') {
    return tag(style, name, '', writeResource(style, item.value, depth + 1), depth);
  }
  const { attributes, content } = writeMembers(style, item.value, type, depth + 1);
  return attributes === '' && content === '' ? '' : tag(style, name, attributes, content, depth);
}

/** The value is an attribute; the id and the extensions come from the sibling with '_'. */
function writePrimitive(style: Style, name: string, item: Item, depth: number): string {
  const { value, sibling, parent, key } = item;
  if (isObject(value)) throw new XmlFault(`"${name}" is an object, not a value`);
  const beside = isObject(sibling) ? writeMembers(style, sibling, 'Element', depth + 1) : nothing;
  const text = typeof value === 'number' ? writtenNumber(parent, key, value) : String(value ?? '');
  const attributes = beside.attributes + (text === '' ? '' : attribute('value', text));
  if (attributes === '' && beside.content === '') return '';
  return tag(style, name, attributes, beside.content, depth);
}

const nothing: Members = { attributes: '', content: '' };

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

function tag(style: Style, name: string, attributes: string, content: string, depth: number): string {
  const start = `${style.line(depth)}<${name}${attributes}`;
  return content === '' ? `${start}/>` : `${start}>${content}${style.line(depth)}</${name}>`;
}

function attribute(name: string, value: string): string {
  return ` ${name}="${keepOuterBlanks(value.replace(special, escaped))}"`;
}

const special = /[&<>"\p{Cc}\p{Cs}\ufffe\uffff]/gu;
const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A line break or tab would be read back as a blank, so each is written as a reference. */
function escaped(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x09 || code === 0x0a || code === 0x0d) return `&#${code};`;
  if (code >= 0x7f && code <= 0x9f) return character;
  return named[character] ?? '\ufffd';
}

/** The narrative as it lies. It is checked, since it is not written element by element. */
function toDiv(value: JsonValue | undefined): string {
  if (typeof value !== 'string' || !/^\s*(?:<div|<!--)/.test(value)) {
    throw new XmlFault('The narrative must be a <div>');
  }
  const fault = findNarrativeFault(value);
  if (fault !== undefined) throw new XmlFault(`The narrative ${fault}`);
  return value;
}
