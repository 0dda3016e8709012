import { SaxesParser, type SaxesTagNS, type XMLDecl } from 'saxes';
import { type JsonObject, maxDepth, type ParsedJson } from './fhir-json.ts';
import { parseAtOnce, type StepwiseParse } from './stepwise-parse.ts';
import type { Definitions } from './validation/definitions.ts';
import { withoutOuterBlanks } from './xml-blanks.ts';
import {
  fhirNamespace,
  isConcreteResource,
  type XmlElement,
  type XmlElements,
  xmlElementsOf,
} from './xml-elements.ts';
import { addItem, toItem, type XmlFrame, type XmlItem } from './xml-frame.ts';
import { xhtmlNamespace } from './xml-tree.ts';
import { parseXmlValue } from './xml-value.ts';

const declarationNamespace = 'http://www.w3.org/2000/xmlns/';
const schemaNamespace = 'http://www.w3.org/2001/XMLSchema-instance';

/** No element of FHIR or of a narrative has a tenth of them; a flood is refused before it is kept. */
const maxAttributes = 100;

/**
 * Parses FHIR XML (R4 xml.html) into the form of FHIR JSON. Elements may come in any order; what R4 does not define, a
 * second element where one may be, text between elements, a DOCTYPE, an entity or a processing instruction is a fault.
 */
export function parseFhirXml(text: string, definitions: Definitions): ParsedJson {
  return parseAtOnce(beginFhirXml(text, definitions));
}

/** So many characters are read in one step: a few milliseconds' work. */
const usualStep = 8192;

/** The same in steps. */
export function beginFhirXml(
  text: string,
  definitions: Definitions,
  stepLength = usualStep,
): StepwiseParse<ParsedJson> {
  const parser = new FhirXmlParser(text, definitions);
  return { step: () => stepOf(parser, stepLength) };
}

function stepOf(parser: FhirXmlParser, length: number): ParsedJson | undefined {
  try {
    if (!parser.read(length)) return undefined;
    return { ok: true, value: parser.document(), exactNumbers: parser.exactNumbers };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { ok: false, message: `${thrown.message} (${parser.place()})`, expression: parser.expression() };
  }
}

class Fault extends Error {}

type Attribute = { readonly name: string; readonly value: string };

/** Holds the elements that are open, the outermost first. */
class FhirXmlParser {
  readonly #text: string;
  readonly #definitions: Definitions;
  readonly #sax = new SaxesParser({ xmlns: true });
  /** How much of the text has been read. */
  #read = 0;
  readonly #open: XmlFrame[] = [];
  #document: JsonObject | undefined;
  /** Attributes of the tag that is being read, and those that had blanks around their value. */
  #attributes = 0;
  readonly #trimmed = new Map<string, string>();
  /** How many elements of a narrative are open, where its text begins, and whether that says its namespace. */
  #xhtmlDepth = 0;
  #xhtmlStart = 0;
  #xhtmlDeclared = false;
  exactNumbers = false;

  constructor(text: string, definitions: Definitions) {
    this.#text = text;
    this.#definitions = definitions;
    const sax = this.#sax;
    sax.on('error', ({ message }) => {
      throw new Fault(`The XML is not well-formed: ${message.replace(/^\d+:\d+: /, '').slice(0, 200)}`);
    });
    sax.on('xmldecl', requireUtf8);
    sax.on('doctype', () => {
      throw new Fault('FHIR XML has no DOCTYPE');
    });
    sax.on('processinginstruction', () => {
      throw new Fault('FHIR XML has no processing instructions');
    });
    sax.on('text', (content) => this.#refuseText(content));
    sax.on('cdata', (content) => this.#refuseText(content));
    sax.on('attribute', ({ name, value }) => this.#readAttribute(name, value));
    sax.on('opentag', (tag) => this.#begin(tag));
    sax.on('closetag', () => this.#end());
  }

  /** Reads so many characters on; true at the end of the text. */
  read(length: number): boolean {
    this.#sax.write(this.#text.slice(this.#read, this.#read + length));
    this.#read += length;
    if (this.#read < this.#text.length) return false;
    this.#sax.close();
    return true;
  }

  document(): JsonObject {
    if (!this.#document) throw new Fault('The XML holds no resource');
    return this.#document;
  }

  /** Line and column, counted from 1. */
  place(): string {
    return `line ${this.#sax.line}, column ${Math.max(this.#sax.column, 1)}`;
  }

  /** FHIRPath of the element that is being read. */
  expression(): string {
    return this.#open.map((frame, index) => this.#step(frame, this.#open[index - 1])).join('');
  }

  #step({ element, resourceType }: XmlFrame, parent: XmlFrame | undefined): string {
    if (!element) return parent ? '' : (resourceType ?? '');
    const place = parent?.members.get(element.name)?.items.length ?? 0;
    return `.${element.name}${element.repeats ? `[${place}]` : ''}`;
  }

  #refuseText(content: string): void {
    if (this.#xhtmlDepth === 0 && /[^ \t\r\n]/.test(content)) {
      throw new Fault(`The text "${content.trim().slice(0, 40)}" stands outside of an attribute`);
    }
  }

  #readAttribute(name: string, value: string): void {
    this.#attributes++;
    if (this.#attributes > maxAttributes) throw new Fault(`A tag has more than ${maxAttributes} attributes`);
    if (this.#xhtmlDepth > 0) return;
    const bare = withoutOuterBlanks(value, this.#text, this.#sax.position);
    if (bare !== value) this.#trimmed.set(name, bare);
  }

  #begin(tag: SaxesTagNS): void {
    this.#attributes = 0;
    const parent = this.#open.at(-1);
    if (this.#xhtmlDepth > 0) this.#deeperInXhtml();
    else if (!parent || parent.kind === 'wrapper') this.#beginResource(tag, parent);
    else this.#beginElement(tag, parent);
    this.#trimmed.clear();
  }

  #beginElement(tag: SaxesTagNS, parent: XmlFrame): void {
    const element = parent.elements.get(tag.local);
    if (!element || element.form === 'attribute') throw new Fault(unknownElement(tag, parent));
    if (!element.repeats && parent.members.has(element.name)) {
      throw new Fault(`<${tag.name}> stands twice, and may stand once`);
    }
    if (element.form === 'xhtml') {
      this.#beginXhtml(tag);
    } else {
      requireNamespace(tag, fhirNamespace);
      this.#push(toFrame(this.#definitions, element, parent), tag);
    }
  }

  #beginResource(tag: SaxesTagNS, parent: XmlFrame | undefined): void {
    if (parent?.held) throw new Fault('A second resource stands where one may be');
    requireNamespace(tag, fhirNamespace);
    const type = tag.local;
    if (!isConcreteResource(this.#definitions, type)) {
      throw new Fault(`<${tag.name.slice(0, 60)}> is no resource of FHIR R4`);
    }
    const frame: XmlFrame = {
      kind: 'resource',
      element: undefined,
      resourceType: type,
      elements: xmlElementsOf(this.#definitions, type),
      depth: parent?.depth ?? 0,
      members: new Map(),
    };
    this.#push(frame, tag);
  }

  #push(frame: XmlFrame, tag: SaxesTagNS): void {
    this.#open.push(frame);
    if (frame.depth >= maxDepth) throw new Fault(`The XML nests deeper than ${maxDepth} levels`);
    for (const { name, value } of attributesOf(tag)) {
      readAttribute(frame, { name, value: this.#trimmed.get(name) ?? value });
    }
  }

  #end(): void {
    const frame = this.#open.at(-1);
    if (!frame) return;
    if (this.#xhtmlDepth > 0) this.#endXhtml(frame);
    else this.#close(frame);
  }

  #close(frame: XmlFrame): void {
    const { item, exact } = toItem(frame);
    this.exactNumbers ||= exact;
    if (!item) throw new Fault(`<${frame.element?.name}> is empty`);
    this.#open.pop();
    this.#give(frame, item);
  }

  #give({ element }: XmlFrame, item: XmlItem): void {
    const parent = this.#open.at(-1);
    if (parent && element) addItem(parent, element, item);
    else if (parent) parent.held = item.value as JsonObject;
    else this.#document = item.value as JsonObject;
  }

  #beginXhtml(tag: SaxesTagNS): void {
    requireNamespace(tag, xhtmlNamespace);
    if (tag.prefix !== '') throw new Fault(`Write <div xmlns="${xhtmlNamespace}">, without a prefix`);
    this.#xhtmlDepth = 1;
    this.#xhtmlDeclared = 'xmlns' in tag.attributes;
    // No '<' stands in an attribute, so the last one begins this tag.
    this.#xhtmlStart = this.#text.lastIndexOf('<', this.#sax.position - 1);
  }

  #deeperInXhtml(): void {
    this.#xhtmlDepth++;
    if (this.#xhtmlDepth > maxDepth) throw new Fault(`The narrative nests deeper than ${maxDepth} levels`);
  }

  /** The text of the narrative is kept as it was sent, with the line ends that XML makes of it. */
  #endXhtml(frame: XmlFrame): void {
    this.#xhtmlDepth--;
    if (this.#xhtmlDepth > 0) return;
    const element = frame.elements.get('div');
    const sent = this.#text.slice(this.#xhtmlStart, this.#sax.position).replace(/\r\n?/g, '\n');
    const value = this.#xhtmlDeclared ? sent : sent.replace('<div', `<div xmlns="${xhtmlNamespace}"`);
    if (element) addItem(frame, element, { value });
  }
}

function requireUtf8({ version, encoding }: XMLDecl): void {
  if (version !== undefined && version !== '1.0') throw new Fault(`FHIR XML is XML 1.0, not ${version}`);
  if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') {
    throw new Fault(`FHIR XML is in UTF-8, not in ${encoding.slice(0, 40)}`);
  }
}

function requireNamespace({ name, uri }: SaxesTagNS, expected: string): void {
  if (uri === expected) return;
  const found = uri === '' ? 'in no namespace' : `in the namespace "${uri.slice(0, 100)}"`;
  throw new Fault(`<${name.slice(0, 60)}> is ${found}; it must be in "${expected}"`);
}

function unknownElement({ name }: SaxesTagNS, { kind, element, resourceType }: XmlFrame): string {
  const owner = kind === 'primitive' ? 'Element' : (resourceType ?? element?.type);
  return `${owner} has no element <${name.slice(0, 60)}>`;
}

function toFrame(definitions: Definitions, element: XmlElement, parent: XmlFrame): XmlFrame {
  const depth = parent.depth + (element.repeats ? 2 : 1);
  const members = new Map();
  switch (element.form) {
    case 'resource':
      return { kind: 'wrapper', element, elements: none, depth, members };
    case 'primitive':
      return { kind: 'primitive', element, elements: xmlElementsOf(definitions, 'Element'), depth, members };
    default:
      return { kind: 'complex', element, elements: xmlElementsOf(definitions, element.type), depth, members };
  }
}

const none: XmlElements = new Map();

/** All but the declarations of namespaces and the hint for editors where the schema lies. */
function attributesOf({ attributes }: SaxesTagNS): readonly Attribute[] {
  return Object.values(attributes).filter(
    ({ uri, local }) =>
      uri !== declarationNamespace && !(uri === schemaNamespace && local === 'schemaLocation'),
  );
}

function readAttribute(frame: XmlFrame, { name, value }: Attribute): void {
  const { kind, element, elements, resourceType } = frame;
  const known = kind === 'resource' ? undefined : elements.get(name);
  const isValue = kind === 'primitive' && name === 'value';
  if (!isValue && known?.form !== 'attribute') {
    throw new Fault(`<${resourceType ?? element?.name}> has no attribute "${name.slice(0, 60)}"`);
  }
  if (value === '') throw new Fault(`The attribute "${name}" must not be empty`);
  if (!isValue) {
    if (known) addItem(frame, known, { value });
    return;
  }
  const parsed = parseXmlValue(element?.type ?? '', value);
  if (parsed === undefined) throw new Fault(`"${value.slice(0, 40)}" is not of type ${element?.type}`);
  frame.value = parsed;
}
