// XML as a tree of { name, attributes, children, text }: enough for NIST's profiles.
import { SaxesParser } from 'saxes';

export function parseXml(text) {
  const root = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' };
    open.at(-1).children.push(element);
    open.push(element);
  });
  parser.on('text', (piece) => {
    open.at(-1).text += piece;
  });
  parser.on('closetag', () => open.pop());
  parser.write(text.replace(/^\uFEFF/, '')).close();
  return root.children[0];
}

export const children = (element) => element.children;

export const all = (element, name) => (element?.children ?? []).filter((one) => one.name === name);

export const child = (element, name) => all(element, name)[0];
