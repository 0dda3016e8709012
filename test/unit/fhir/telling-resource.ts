import type { Definitions, ElementFacts } from '../../../src/fhir/validation/definitions.ts';
import { jsonName } from '../../../src/fhir/validation/json-name.ts';
import type { Pick } from './random-resource.ts';

const pieces = [
  ...[
    'a',
    'Z',
    '0',
    'é',
    'e\u0301',
    '漢',
    '😀',
    ' ',
    '  ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '<',
    '>',
    '&',
    '"',
    "'",
  ],
  ...[']]>', '&amp;', '&#32;', '-->', '\u0000', '\u000b', '\u001f', '\u007f', '\u0085', '\u00a0', '\u2028'],
  ...['\ufeff', '\ufffe', '\uffff', '\ufffd', '\ud800', '\udc00', '\u202e', '\u0300'],
];
const markup = [
  ...[
    '<p>',
    '</p>',
    '<b title=" a&#10;b ">x</b>',
    "<a href='#a&amp;b'>x</a>",
    '<br/>',
    '<br />',
    '<!-- c -->',
  ],
  ...['<![CDATA[<b>]]>', '&#13;', '&#x1F600;', '&lt;', '&nbsp;', '<?x y?>', '<img src="a.png" alt="\n"/>'],
];
const decimals = [
  '0',
  '-0',
  '1.00',
  '-0.0',
  '0.10',
  '1e2',
  '1E+2',
  '100.0E-2',
  '1e-400',
  '12345678901234567890.123',
];
const integers = ['0', '-0', '1', '7', '1.0', '1e1', '2147483647', '2147483648'];
const literalsOf: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'false'],
  decimal: decimals,
  integer: integers,
  unsignedInt: integers,
  positiveInt: integers,
};
const values: Readonly<Record<string, readonly string[]>> = {
  date: ['2024', '2024-02', '2024-02-29', '2023-02-29'],
  dateTime: ['2024', '2024-02-29', '2024-02-29T23:59:60Z', '2024-02-29T10:00:00.1234567-05:00'],
  instant: ['2024-02-29T10:00:00Z', '2024-02-29T10:00:00.000+14:00'],
  time: ['10:00:00', '10:00:00.12'],
  id: ['a', 'A-1.b'],
  oid: ['urn:oid:1.2.3'],
  uuid: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
  base64Binary: ['YQ==', 'YWJj\nZGVm', ' YWJj '],
  uri: ['http://x.org/a?b=1&c=2#d', 'urn:x:é'],
  url: ['http://x.org/', 'mailto:a@x.org'],
  canonical: ['http://x.org/a|1', '#a'],
  code: ['a', 'a b', 'a\tb'],
};

/**
 * JSON text of a resource that is often valid, and often on the edge of it: mandatory elements are there, values have
 * their types, and texts are of characters that JSON or XML cannot hold, or hold in a way of their own.
 */
export function tellingResource(definitions: Definitions, type: string, pick: Pick): string {
  const { types, valueSets } = definitions;
  const chosen = <Item>(items: readonly Item[]): Item => items[pick(items.length)] as Item;
  const many = (most: number, make: () => string) => Array.from({ length: 1 + pick(most) }, make).join('');
  const plain = () =>
    pick(3) === 0 ? many(4, () => chosen(pieces)) : many(2, () => chosen(pieces.slice(0, 7)));

  const object = (name: string, depth: number): readonly string[] =>
    Object.entries(types[name]?.elements ?? {}).flatMap(([element, facts]) => {
      const isNeeded = (facts.min ?? 0) > 0;
      const isWanted = isNeeded || (depth < 4 && pick(depth === 0 ? 4 : 8) === 0);
      return isWanted ? member(name, element, facts, depth) : [];
    });

  const member = (owner: string, element: string, facts: ElementFacts, depth: number): readonly string[] => {
    const name = chosen(facts.types);
    const key = jsonName(element, name);
    const repeats = facts.max !== undefined;
    const each = (make: () => string) => Array.from({ length: repeats ? 1 + pick(2) : 1 }, make);
    const list = (items: readonly string[]) => (repeats ? `[${items.join(',')}]` : (items[0] ?? ''));
    if (types[name]?.kind === 'primitive') {
      const items = each(() => primitive(owner, element, name, facts));
      const bare = isBare(name, facts) || pick(8) > 0;
      return [`"${key}":${list(items)}`, ...(bare ? [] : [`"_${key}":${list(items.map(sibling))}`])];
    }
    const items = each(() => complex(name, depth + 1));
    return items.includes('{}') ? [] : [`"${key}":${list(items)}`];
  };

  const sibling = () => (pick(2) ? `{"id":${JSON.stringify(plain())}}` : `{"extension":[${extension()}]}`);
  const extension = () => `{"url":"http://x.org/e","valueString":${JSON.stringify(plain())}}`;
  /** Refers to what holds it, whatever that is. */
  const contained = () =>
    `{"resourceType":"Provenance","id":"c${pick(1000)}","target":[{"reference":"#"}],` +
    `"recorded":"2024-02-29T10:00:00Z","agent":[{"who":{"display":${JSON.stringify(plain())}}}]}`;
  const complex = (name: string, depth: number): string => {
    if (name === 'Extension') return extension();
    if (name === 'Reference') return `{"display":${JSON.stringify(plain())}}`;
    if (types[name]?.kind === 'resource') return depth === 1 ? contained() : '{}';
    if (depth > 6) return '{}';
    return `{${object(name, depth).join(',')}}`;
  };

  const primitive = (owner: string, element: string, name: string, facts: ElementFacts): string => {
    const literals = literalsOf[name];
    if (literals) return chosen(literals);
    if (name === 'xhtml') return JSON.stringify(narrative());
    return JSON.stringify(textOf(`${owner}.${element}`, name, facts));
  };

  const textOf = (path: string, name: string, facts: ElementFacts): string => {
    const codes = Object.values(valueSets[facts.binding?.required ?? ''] ?? {}).flat();
    if (name === 'code' && codes.length > 0) return chosen(codes);
    if (path === 'Identifier.system') return 'urn:x';
    return values[name] && pick(6) > 0 ? chosen(values[name]) : plain();
  };

  const narrative = () => {
    const content = many(4, () => (pick(2) ? chosen(markup) : plain().replace(/[<&]/g, '')));
    const around =
      pick(4) === 0 ? chosen([' ', '\n', '\r\n', '\ufeff', '<!-- c -->', '<?xml version="1.0"?>']) : '';
    const div = `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
    return pick(2) ? around + div : div + around;
  };

  return `{"resourceType":"${type}"${object(type, 0)
    .map((text) => `,${text}`)
    .join('')}}`;
}

/** Nothing stands beside its value. */
function isBare(name: string, { attribute = false }: ElementFacts): boolean {
  return attribute || name === 'xhtml';
}
