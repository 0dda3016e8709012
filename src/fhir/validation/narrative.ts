import { SaxesParser } from 'saxes';
import { maxDepth } from '../fhir-json.ts';

/** R4 narrative.html: HTML 4.0 chapters 7 to 11 (without 9.4) and 15, links, images, and style attributes. */
const elements = words(
  'p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address ' +
    'bdo kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td code samp img map area',
);
const attributes = words(
  'title style class id ID lang xml:lang dir accesskey tabindex span width align valign char charoff abbr axis ' +
    'headers scope rowspan colspan',
);
const attributesOf = words(
  'a.href a.name a.charset a.type a.hreflang a.rel a.rev a.shape a.coords img.src img.border img.alt img.longdesc ' +
    'img.height img.width img.usemap img.ismap div.xmlns blockquote.cite q.cite map.name area.shape area.coords ' +
    'area.href area.nohref area.alt table.summary table.width table.border table.frame table.rules ' +
    'table.cellspacing table.cellpadding pre.space td.nowrap',
);
const xhtml = 'http://www.w3.org/1999/xhtml';
const activeLink = /^\s*(?:javascript|vbscript|data:text)/i;

type Tag = { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> };

/** Ends the reading at the first fault: the rest of a hostile text is not worth the time. */
class NarrativeFault extends Error {}

function fail(fault: string): never {
  throw new NarrativeFault(fault);
}

/** What keeps the text from being a narrative (txt-1, txt-2); undefined where nothing does. */
export function findNarrativeFault(text: string): string | undefined {
  try {
    readNarrative(text);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof NarrativeFault) return thrown.message;
    throw thrown;
  }
}

function readNarrative(text: string): void {
  let depth = 0;
  let hasContent = false;
  if (text.startsWith('\ufeff')) fail('must not begin with a byte order mark');
  const parser = new SaxesParser();
  parser.on('error', (error) => fail(`is not well-formed XML (${error.message})`));
  parser.on('doctype', () => fail('must not have a DOCTYPE'));
  parser.on('xmldecl', () => fail('must not have an XML declaration'));
  parser.on('processinginstruction', () => fail('must not have a processing instruction'));
  parser.on('opentag', (tag) => {
    checkTag(tag, depth);
    depth++;
    if (tag.name === 'img') hasContent = true;
  });
  parser.on('closetag', () => {
    depth--;
  });
  // Beside the <div> it would be lost where a resource is read from XML.
  parser.on('comment', () => {
    if (depth === 0) fail('must not have a comment beside its <div>');
  });
  parser.on('text', (content) => {
    if (/\S/.test(content)) hasContent = true;
  });
  parser.write(text).close();
  if (!hasContent) fail('must have text or an image (txt-2)');
}

function checkTag({ name, attributes: given }: Tag, depth: number): void {
  if (depth >= maxDepth) fail(`nests deeper than ${maxDepth} levels`);
  if (depth === 0) {
    if (name !== 'div') fail(`must be a <div>, not <${name.slice(0, 40)}>`);
    if (given['xmlns'] !== xhtml) fail(`must be a <div xmlns="${xhtml}">`);
  }
  if (!elements.has(name)) fail(`holds <${name.slice(0, 40)}>, which a narrative may not (txt-1)`);
  for (const [attribute, value] of Object.entries(given)) {
    const fault = findAttributeFault(name, attribute, String(value));
    if (fault) fail(fault);
  }
}

function findAttributeFault(name: string, attribute: string, value: string): string | undefined {
  if (activeLink.test(value)) return `holds a link in <${name}> that runs a script (txt-1)`;
  if (attributes.has(attribute) || attributesOf.has(`${name}.${attribute}`) || attribute === 'xmlns')
    return undefined;
  return `holds the attribute ${attribute.slice(0, 40)} on <${name}>, which a narrative may not (txt-1)`;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}
