import type { Definitions, ElementFacts } from '../../../src/fhir/validation/definitions.ts';
import { jsonName } from '../../../src/fhir/validation/json-name.ts';

/** A number from 0 up to, but without, `below`. */
export type Pick = (below: number) => number;

const div =
  '<div xmlns="http://www.w3.org/1999/xhtml"><p title="a &gt; b">A &amp; B<!-- c --><br/> <b>é</b></p></div>';
const decimals = ['1.00', '0.10', '-3', '1e3', '100.0E-2', '12345678901234567890.123456789', '0'];
const strings = [
  'a',
  ' <b> & "c" \'d\' ',
  'line\nbreak\ttab\r',
  '\u0085 \u2028 é 漢 😀',
  ']]>',
  '&amp;',
  '-',
  'true',
];

/** JSON text of a resource of the type: any of its elements, whatever they mean; numbers with telling digits. */
export function randomResource(definitions: Definitions, type: string, pick: Pick): string {
  const { types } = definitions;
  const resources = ['Patient', 'Immunization', 'Observation', 'Parameters', 'Bundle'];

  const resource = (name: string, depth: number): string =>
    `{"resourceType":"${name}"${members(name, depth)
      .map((member) => `,${member}`)
      .join('')}}`;

  const members = (name: string, depth: number): readonly string[] => {
    const elements = Object.entries(types[name]?.elements ?? {});
    const likely = depth === 0 ? 2 : Math.max(3, Math.ceil(elements.length / 2));
    return elements
      .filter(() => pick(likely) === 0)
      .flatMap(([element, facts]) => member(element, facts, depth));
  };

  const member = (element: string, facts: ElementFacts, depth: number): readonly string[] => {
    const type = facts.types[pick(facts.types.length)] ?? 'string';
    const name = jsonName(element, type);
    const repeats = facts.max !== undefined;
    const count = repeats ? 1 + pick(3) : 1;
    if (type === 'xhtml') return [`"${name}":${JSON.stringify(div)}`];
    if (types[type]?.kind === 'primitive') {
      const items = Array.from({ length: count }, () => primitive(type, facts.attribute === true, depth));
      const values = items.map(({ value }) => value);
      const siblings = items.map(({ sibling }) => sibling);
      return [...named(name, values, repeats), ...named(`_${name}`, siblings, repeats)];
    }
    const values = Array.from({ length: count }, () => complex(type, depth + 1));
    const full = values.filter((text) => text !== '{}');
    return full.length === 0 ? [] : named(name, full, repeats);
  };

  const complex = (type: string, depth: number): string => {
    if (types[type]?.kind === 'resource')
      return depth > 3 ? '{}' : resource(resources[pick(5)] ?? 'Patient', depth);
    return depth > 6 ? '{}' : `{${members(type, depth)}}`;
  };

  const primitive = (type: string, bare: boolean, depth: number) => {
    const masked = !bare && depth < 5 && pick(6) === 0;
    const sibling = masked || (!bare && pick(8) === 0);
    return {
      ...(!masked && { value: randomValue(type) }),
      ...(sibling && {
        sibling: pick(2) ? '{"id":"i1"}' : '{"extension":[{"url":"u","valueDecimal":2.50}]}',
      }),
    };
  };

  const randomValue = (type: string): string => {
    if (type === 'boolean') return pick(2) ? 'true' : 'false';
    if (type === 'decimal') return decimals[pick(decimals.length)] ?? '0';
    if (/^(?:integer|unsignedInt|positiveInt)$/.test(type)) return String(pick(1000));
    return JSON.stringify(strings[pick(strings.length)]);
  };

  return resource(type, 0);
}

/** Null where the array has no value, and nothing where it has none at all. */
function named(name: string, values: readonly (string | undefined)[], repeats: boolean): readonly string[] {
  if (values.every((value) => value === undefined)) return [];
  return [`"${name}":${repeats ? `[${values.map((value) => value ?? 'null')}]` : values[0]}`];
}
