import type { JsonObject, ParsedJson } from './fhir-json.ts';
import { PatchFault } from './json-patch.ts';
import { parseFhirXml } from './parse-fhir-xml.ts';
import { maxPatchOperations } from './patch-bounds.ts';
import { toXml, XmlFault } from './to-xml.ts';
import type { Definitions } from './validation/definitions.ts';
import { type Selected, SelectorFault, select } from './xml-selector.ts';
import { parseXmlTree, writeXmlTree, type XmlNode } from './xml-tree.ts';

/** Operations of an XML patch (RFC 5261), in their order. */
export type XmlPatch = readonly XmlNode[];

export type ParsedXmlPatch =
  | { readonly ok: true; readonly patch: XmlPatch }
  | { readonly ok: false; readonly message: string };

/** Reads a patch document: a root `diff` (RFC 5261) or `patch` (RFC 7351), and in it `add`, `replace`, `remove`. */
export function parseXmlPatch(text: string): ParsedXmlPatch {
  const parsed = parseXmlTree(text);
  if (!parsed.ok) return parsed;
  const { root } = parsed;
  const refused = (message: string) => ({ ok: false, message }) as const;
  if (root.name !== 'diff' && root.name !== 'patch') {
    return refused(`its root must be <diff> or <patch>, not <${root.name.slice(0, 60)}>`);
  }
  if (root.children.length > maxPatchOperations) {
    return refused(`it has ${root.children.length} operations; at most ${maxPatchOperations} are taken`);
  }
  const wrong = root.children.find((each) => !operations.has(each.name) || each.namespace !== root.namespace);
  if (wrong) return refused(`<${wrong.name.slice(0, 60)}> is none of add, replace, remove`);
  return { ok: true, patch: root.children };
}

/**
 * Applies the patch to the XML form of the resource; what comes of it must be FHIR XML again. A resource that the patch
 * leaves as it was is `undefined`. Throws a PatchFault at the first operation that fails.
 */
export function applyXmlPatch(
  resource: JsonObject,
  patch: XmlPatch,
  definitions: Definitions,
): Extract<ParsedJson, { ok: true }> | undefined {
  const before = readTree(resource, definitions);
  const document: Document = { root: before };
  const untouched = writeXmlTree(before);
  for (const [place, operation] of patch.entries()) {
    try {
      operations.get(operation.name)?.(document, operation);
    } catch (thrown) {
      if (thrown instanceof SelectorFault) throw new PatchFault(thrown.message, place);
      throw thrown;
    }
  }
  const text = writeXmlTree(document.root);
  if (text === untouched) return undefined;
  const parsed = parseFhirXml(text, definitions);
  if (parsed.ok) return parsed;
  const reason = parsed.message.replace(/ \(line.*/, '');
  throw new PatchFault(`what the patch makes is not FHIR XML: ${reason}`, patch.length - 1);
}

function readTree(resource: JsonObject, definitions: Definitions): XmlNode {
  try {
    const parsed = parseXmlTree(toXml(resource, definitions));
    // XML 1.0 has no such characters: they would be lost on the way.
    if (parsed.ok && !/[\ufffe\uffff]/.test(JSON.stringify(resource))) return parsed.root;
  } catch (thrown) {
    if (!(thrown instanceof XmlFault)) throw thrown;
  }
  throw new PatchFault('the resource cannot be written as XML; use a JSON Patch', 0);
}

type Document = { root: XmlNode };
type Apply = (document: Document, operation: XmlNode) => void;

const operations: ReadonlyMap<string, Apply> = new Map([
  ['add', add],
  ['replace', replace],
  ['remove', remove],
]);

function target({ root }: Document, { attributes, scope }: XmlNode): Selected {
  const selector = attributes.get('sel');
  if (selector === undefined) throw new SelectorFault('the operation has no sel');
  return select(root, selector, scope);
}

function requireElements({ text, children, name }: XmlNode): readonly XmlNode[] {
  if (text.trim() !== '') {
    throw new SelectorFault(
      `<${name}> holds the text "${text.trim().slice(0, 40)}"; FHIR XML has elements only`,
    );
  }
  if (children.length === 0) throw new SelectorFault(`<${name}> holds no element`);
  return children;
}

/** RFC 5261 section 4.3. */
function add(document: Document, operation: XmlNode): void {
  const { node, parent, attribute } = target(document, operation);
  if (attribute !== undefined) throw new SelectorFault('add goes to an element, not to an attribute');
  const type = operation.attributes.get('type');
  if (type !== undefined) {
    addAttribute(node, type, operation);
    return;
  }
  const added = requireElements(operation);
  const pos = operation.attributes.get('pos');
  if (pos === undefined) node.children.push(...added);
  else if (pos === 'prepend') node.children.unshift(...added);
  else if (pos === 'before' || pos === 'after') {
    const siblings = requireParent(parent).children;
    siblings.splice(siblings.indexOf(node) + (pos === 'after' ? 1 : 0), 0, ...added);
  } else throw new SelectorFault(`pos="${pos.slice(0, 40)}" is none of prepend, before, after`);
}

function addAttribute(node: XmlNode, type: string, { text, children }: XmlNode): void {
  const name = /^@([A-Za-z_][\w.-]*)$/.exec(type)?.[1];
  if (name === undefined)
    throw new SelectorFault(`type="${type.slice(0, 40)}" is no attribute such as @value`);
  if (children.length > 0) throw new SelectorFault('an attribute holds a text, no elements');
  if (node.attributes.has(name))
    throw new SelectorFault(`the attribute ${name} is there already; replace it`);
  node.attributes.set(name, text);
}

/** RFC 5261 section 4.4. */
function replace(document: Document, operation: XmlNode): void {
  const { node, parent, attribute } = target(document, operation);
  if (attribute !== undefined) {
    if (operation.children.length > 0) throw new SelectorFault('an attribute holds a text, no elements');
    node.attributes.set(attribute, operation.text);
    return;
  }
  const [by, ...others] = requireElements(operation);
  if (!by || others.length > 0) throw new SelectorFault('an element is replaced by one element');
  if (parent) parent.children.splice(parent.children.indexOf(node), 1, by);
  else document.root = by;
}

/** RFC 5261 section 4.5; blanks mean nothing in FHIR XML, so `ws` has nothing to do. */
function remove(document: Document, operation: XmlNode): void {
  const { node, parent, attribute } = target(document, operation);
  if (attribute !== undefined) {
    node.attributes.delete(attribute);
    return;
  }
  const siblings = requireParent(parent).children;
  siblings.splice(siblings.indexOf(node), 1);
}

function requireParent(parent: XmlNode | undefined): XmlNode {
  if (parent) return parent;
  throw new SelectorFault('the resource itself cannot be removed, and nothing can stand beside it');
}
