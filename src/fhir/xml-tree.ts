import { SaxesParser, type SaxesTagNS } from 'saxes';
import { maxDepth } from './fhir-json.ts';
import { keepOuterBlanks, withoutOuterBlanks } from './xml-blanks.ts';

/** An element of an XML document that is changed in place, and written again. */
export type XmlNode = {
  readonly name: string;
  readonly namespace: string;
  /** By qualified name, declarations of namespaces left out. */
  readonly attributes: Map<string, string>;
  readonly children: XmlNode[];
  /** What stands between the children, joined. */
  text: string;
  /** The namespaces that prefixes mean here; '' is the default one. */
  readonly scope: Scope;
  /** Of a narrative: the element as it was written. It has no attributes and children of its own. */
  readonly written?: string;
};

export type Scope = Readonly<Record<string, string>>;

export type ParsedTree =
  | { readonly ok: true; readonly root: XmlNode }
  | { readonly ok: false; readonly message: string };

class Fault extends Error {}

export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml';

/** Parses a document without DOCTYPE, processing instructions and entities; comments are passed over. */
export function parseXmlTree(text: string): ParsedTree {
  const builder = new TreeBuilder(text);
  try {
    return { ok: true, root: builder.document() };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { ok: false, message: `${thrown.message} (${builder.place()})` };
  }
}

class TreeBuilder {
  readonly #text: string;
  readonly #sax = new SaxesParser({ xmlns: true });
  readonly #open: XmlNode[] = [];
  #root: XmlNode | undefined;
  /** How many elements of a narrative are open, and where its text begins. */
  #xhtmlDepth = 0;
  #xhtmlStart = 0;

  constructor(text: string) {
    this.#text = text;
    const sax = this.#sax;
    sax.on('error', ({ message }) => {
      throw new Fault(`The XML is not well-formed: ${message.replace(/^\d+:\d+: /, '').slice(0, 200)}`);
    });
    sax.on('doctype', () => {
      throw new Fault('there must be no DOCTYPE');
    });
    sax.on('processinginstruction', () => {
      throw new Fault('there must be no processing instructions');
    });
    sax.on('text', (content) => this.#addText(content));
    sax.on('cdata', (content) => this.#addText(content));
    sax.on('attribute', (attribute) => {
      if (this.#xhtmlDepth === 0)
        attribute.value = withoutOuterBlanks(attribute.value, this.#text, sax.position);
    });
    sax.on('opentag', (tag) => this.#begin(tag));
    sax.on('closetag', (tag) => this.#end(tag));
  }

  document(): XmlNode {
    this.#sax.write(this.#text).close();
    if (!this.#root) throw new Fault('There is no element');
    return this.#root;
  }

  /** Line and column, counted from 1. */
  place(): string {
    return `line ${this.#sax.line}, column ${Math.max(this.#sax.column, 1)}`;
  }

  #addText(content: string): void {
    const parent = this.#open.at(-1);
    if (parent && this.#xhtmlDepth === 0) parent.text += content;
  }

  #begin(tag: SaxesTagNS): void {
    if (this.#open.length + this.#xhtmlDepth >= maxDepth) {
      throw new Fault(`The XML nests deeper than ${maxDepth} levels`);
    }
    if (this.#xhtmlDepth > 0 || (tag.uri === xhtmlNamespace && this.#open.length > 0)) {
      // No '<' stands in an attribute, so the last one begins this tag.
      if (this.#xhtmlDepth === 0) this.#xhtmlStart = this.#text.lastIndexOf('<', this.#sax.position - 1);
      this.#xhtmlDepth++;
      return;
    }
    const node: XmlNode = {
      name: tag.local,
      namespace: tag.uri,
      attributes: attributesOf(tag),
      children: [],
      text: '',
      scope: scopeOf(tag, this.#open.at(-1)?.scope ?? {}),
    };
    this.#open.at(-1)?.children.push(node);
    this.#root ??= node;
    this.#open.push(node);
  }

  #end({ local }: SaxesTagNS): void {
    if (this.#xhtmlDepth === 0) {
      this.#open.pop();
      return;
    }
    this.#xhtmlDepth--;
    if (this.#xhtmlDepth > 0) return;
    const parent = this.#open.at(-1);
    parent?.children.push({
      name: local,
      namespace: xhtmlNamespace,
      attributes: new Map(),
      children: [],
      text: '',
      scope: {},
      written: this.#text.slice(this.#xhtmlStart, this.#sax.position),
    });
  }
}

/** Most elements declare nothing and share what is known around them. */
function scopeOf({ ns }: SaxesTagNS, around: Scope): Scope {
  for (const _ in ns) return { ...around, ...ns };
  return around;
}

function attributesOf({ attributes }: SaxesTagNS): Map<string, string> {
  const own = Object.values(attributes).filter(({ name }) => name !== 'xmlns' && !name.startsWith('xmlns:'));
  return new Map(own.map(({ name, value }) => [name, value]));
}

/** The document as text. What is in no namespace of FHIR says so, and will be refused where it is read. */
export function writeXmlTree(node: XmlNode, within = ''): string {
  if (node.written !== undefined) {
    const declared = /^<[^>]*\sxmlns\s*=/.test(node.written);
    return declared ? node.written : node.written.replace(/^<[^\s/>]+/, `$& xmlns="${xhtmlNamespace}"`);
  }
  const { name, namespace, attributes, children, text } = node;
  let start = `<${name}`;
  if (namespace !== within) start += ` xmlns="${escaped(namespace)}"`;
  for (const [attribute, value] of attributes) start += ` ${attribute}="${keepOuterBlanks(escaped(value))}"`;
  const content = children.map((child) => writeXmlTree(child, namespace)).join('') + escaped(text.trim());
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`;
}

/** A line break or tab would be read back as a blank, so each is written as a reference. */
function escaped(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
