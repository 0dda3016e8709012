import { SaxesParser } from 'saxes';
import { ScheduleImportError } from './schedule-import-error.ts';

export type XmlElement = {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly parent: XmlElement | undefined;
  readonly children: readonly XmlElement[];
  /** Text directly inside, trimmed. */
  readonly text: string;
};

type OpenElement = { -readonly [K in keyof XmlElement]: XmlElement[K] } & { children: XmlElement[] };

/** The root element of a well-formed XML file; throws a ScheduleImportError that names the line otherwise. */
export function parseXml(file: string, text: string): XmlElement {
  const parser = new SaxesParser({ fileName: file });
  let root: OpenElement | undefined;
  let open: OpenElement | undefined;
  parser.on('error', (error) => {
    const at = open ? `${pathOf(open)}, line ${parser.line}` : `line ${parser.line}`;
    throw new ScheduleImportError(file, at, `is not well-formed XML (${withoutPosition(error.message)})`);
  });
  parser.on('doctype', () => {
    throw new ScheduleImportError(file, `line ${parser.line}`, 'a document type declaration is not expected');
  });
  parser.on('opentag', (tag) => {
    const element: OpenElement = {
      name: tag.name,
      file,
      line: parser.line,
      parent: open,
      children: [],
      text: '',
    };
    const attribute = Object.keys(tag.attributes).find((name) => !/^(xmlns|xsi)(:|$)/.test(name));
    if (attribute !== undefined) throw importError(element, `unknown attribute "${attribute}"`);
    if (open) open.children.push(element);
    else root = element;
    open = element;
  });
  const addText = (chunk: string) => {
    if (open) open.text += chunk;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    if (!open) return;
    open.text = open.text.trim();
    open = open.parent as OpenElement | undefined;
  });
  parser.write(text.replace(/^\uFEFF/, '')).close();
  if (!root) throw new ScheduleImportError(file, undefined, 'holds no element');
  return root;
}

/** saxes puts "file:line:column: " before its messages. */
function withoutPosition(message: string): string {
  return message.replace(/^.*?:[0-9]+:[0-9]+: /, '').replace(/\.$/, '');
}

/** "antigenSupportingData/series[2]/seriesName": the number only where it has sisters of its name. */
function pathOf(element: XmlElement): string {
  const { parent, name } = element;
  if (!parent) return name;
  const sisters = parent.children.filter((each) => each.name === name);
  const place = sisters.length > 1 ? `[${sisters.indexOf(element) + 1}]` : '';
  return `${pathOf(parent)}/${name}${place}`;
}

export function importError(element: XmlElement, reason: string): ScheduleImportError {
  return new ScheduleImportError(element.file, `${pathOf(element)}, line ${element.line}`, reason);
}
