// Right values and resources, made from the definitions that the build trims.
import { readFileSync } from 'node:fs';

const definitions = new URL('../dist/definitions/definitions.json', import.meta.url);
export const { types, valueSets } = JSON.parse(readFileSync(definitions, 'utf8'));

export const samples = {
  boolean: true,
  decimal: 1.5,
  integer: 1,
  unsignedInt: 1,
  positiveInt: 1,
  string: 'text',
  markdown: 'text',
  uri: 'http://example.org/thing',
  url: 'http://example.org/thing',
  canonical: 'http://example.org/thing',
  oid: 'urn:oid:2.16.840.1.113883.6.238',
  uuid: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
  id: 'a1',
  code: 'code',
  base64Binary: 'AAAA',
  date: '2024-02-29',
  dateTime: '2024-02-29T12:00:00Z',
  instant: '2024-02-29T12:00:00.000Z',
  time: '12:00:00',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">text</div>',
  Coding: { system: 'http://example.org/codes', code: 'x' },
  CodeableConcept: { text: 'text' },
  Identifier: { system: 'http://example.org/ids', value: '1' },
  HumanName: { family: 'Family', given: ['Given'] },
  Address: { line: ['1 Street'], city: 'City' },
  ContactPoint: { system: 'phone', value: '1' },
  Period: { start: '2024-01-01', end: '2024-02-01' },
  Quantity: { value: 1, unit: 'mg' },
  SimpleQuantity: { value: 1, unit: 'mg' },
  Money: { value: 1, currency: 'USD' },
  Age: { value: 1, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
  Duration: { value: 1, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' },
  Range: { low: { value: 1 }, high: { value: 2 } },
  Ratio: { numerator: { value: 1 }, denominator: { value: 2 } },
  Attachment: { contentType: 'text/plain', data: 'AAAA' },
  Annotation: { text: 'text' },
  Timing: { event: ['2024-01-01'] },
  Expression: { language: 'text/fhirpath', expression: 'true' },
  ContactDetail: { name: 'Name' },
  UsageContext: {
    code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'age' },
    valueCodeableConcept: { text: 'x' },
  },
  RelatedArtifact: { type: 'citation', citation: 'text' },
  Signature: {
    type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
    when: '2024-02-29T12:00:00.000Z',
    who: { reference: 'Practitioner/1' },
  },
  Meta: { tag: [{ system: 'http://example.org/codes', code: 'x' }] },
};

/** Never made up: they would need to fit to more than their own definition. */
export const skipped = new Set([
  'id',
  'meta',
  'implicitRules',
  'text',
  'contained',
  'extension',
  'modifierExtension',
]);

/** Mandatory elements, and with `depth` the others down to that level. */
export function fill(typeName, depth) {
  const object = {};
  for (const [element, facts] of Object.entries(types[typeName].elements)) {
    const [type] = facts.types;
    if (skipped.has(element) || (!facts.min && depth <= 0) || type === typeName) continue;
    const value = sample(type, facts, depth - 1);
    if (value !== undefined) object[nameOf([element, facts])] = listed(facts, value);
  }
  return object;
}

export function sample(type, facts, depth) {
  const chosen = sampleOfBinding(type, facts);
  if (chosen !== undefined) return chosen;
  if (type === 'Reference') return { reference: `${facts.targets?.[0] ?? 'Patient'}/1` };
  if (samples[type] !== undefined) return samples[type];
  const isBackbone = type.includes('.');
  if (!types[type] || types[type].abstract || (!isBackbone && !facts.min)) return undefined;
  const object = fill(type, depth);
  if (Object.keys(object).length > 0) return object;
  return facts.min ? fill(type, 1) : undefined;
}

function sampleOfBinding(type, { binding }) {
  const bound = valueSets[binding?.required ?? binding?.extensible];
  if (!bound) return undefined;
  const [[system, [code]]] = Object.entries(bound);
  if (type === 'code') return code;
  if (type === 'CodeableConcept') return { coding: [{ system, code }] };
  return type === 'Coding' ? { system, code } : undefined;
}

export function nameOf([
  element,
  {
    types: [type],
  },
]) {
  if (!element.endsWith('[x]')) return element;
  const suffix = type === 'SimpleQuantity' ? 'Quantity' : type[0].toUpperCase() + type.slice(1);
  return element.slice(0, -3) + suffix;
}

export function listed({ max }, value) {
  return max === undefined ? value : [value];
}
