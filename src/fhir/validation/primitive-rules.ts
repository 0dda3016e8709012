import { parsePartialDate } from '../../values/partial-date.ts';
import type { JsonValue } from '../fhir-json.ts';
import { findNarrativeFault } from './narrative.ts';

/** What a value of a primitive type must be. The JSON type is known to fit. */
export type PrimitiveRule = {
  readonly allows: (value: JsonValue) => boolean;
  /** Ends the sentence 'X is not …'. */
  readonly expected: string;
  /** Says more of what is wrong, where the value alone does not show it. */
  readonly explain?: (value: JsonValue) => string | undefined;
};

const time = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?';
const zone = '(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))';
const timeShape = new RegExp(`^${time}$`);
const instantShape = new RegExp(`^([0-9]{4}-[0-9]{2}-[0-9]{2})T${time}${zone}$`);
const idShape = /^[A-Za-z0-9\-.]{1,64}$/;
// Spaces stand only between words, one at a time.
const codeShape = /^[^\s]+(?:\s[^\s]+)*$/;
const oidShape = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/;
const uuidShape = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const base64Shape = /^[A-Za-z0-9+/]*={0,2}$/;
const longestString = 1024 * 1024;
const largestInteger = 2_147_483_647;

const text = (allows: (value: string) => boolean, expected: string): PrimitiveRule => ({
  allows: (value) => typeof value === 'string' && allows(value),
  expected,
});
const number = (allows: (value: number) => boolean, expected: string): PrimitiveRule => ({
  allows: (value) => typeof value === 'number' && allows(value),
  expected,
});

/** R4 datatypes.html#integer, as JSON can write it: 1.0, 1e2 and -0 are numbers, but no integers. */
export function isIntegerText(text: string): boolean {
  return /^(?:0|-?[1-9][0-9]*)$/.test(text);
}

const isString = (value: string) => value.length <= longestString && value !== '';
const isUri = (value: string) => value !== '' && !/\s/.test(value);
/** With a scheme: it means the same wherever it stands. */
export function isAbsoluteUri(value: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(value);
}
const isDate = (value: string) => parsePartialDate(value) !== undefined;
/** For systems and urls of definitions, which name what they mean. */
export const absoluteUri = text((value) => isUri(value) && isAbsoluteUri(value), 'an absolute URI');
const uri = text(isUri, 'a URI: it must have no spaces');

/** R4 datatypes.html#primitive. */
export const primitiveRules: Readonly<Record<string, PrimitiveRule>> = {
  boolean: { allows: (value) => typeof value === 'boolean', expected: 'true or false' },
  decimal: number(Number.isFinite, 'a number'),
  integer: number((value) => Math.abs(value) <= largestInteger, 'an integer of 32 bits'),
  unsignedInt: number((value) => value >= 0 && value <= largestInteger, 'an integer from 0'),
  positiveInt: number((value) => value >= 1 && value <= largestInteger, 'an integer from 1'),
  string: text(isString, 'a string of 1 to 1048576 characters'),
  markdown: text(isString, 'a text of 1 to 1048576 characters'),
  uri,
  url: uri,
  canonical: text(
    (value) => isUri(value) && (isAbsoluteUri(value) || value.startsWith('#')),
    'an absolute URL',
  ),
  oid: text((value) => oidShape.test(value), 'an OID such as urn:oid:1.2.3'),
  uuid: text(
    (value) => uuidShape.test(value),
    'a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
  ),
  id: text((value) => idShape.test(value), 'an id: 1 to 64 of A-Z, a-z, 0-9, "-" and "."'),
  code: text((value) => codeShape.test(value), 'a code: no space at either end, none doubled'),
  base64Binary: text(isBase64, 'base64'),
  date: text(isDate, 'a date that exists: YYYY, YYYY-MM or YYYY-MM-DD'),
  dateTime: text(
    (value) => isDate(value) || isInstant(value),
    'a dateTime that exists: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz',
  ),
  instant: text(isInstant, 'an instant that exists: YYYY-MM-DDThh:mm:ss.sss+zz:zz'),
  time: text((value) => timeShape.test(value), 'a time: hh:mm:ss'),
  xhtml: {
    allows: (value) => typeof value === 'string' && findNarrativeFault(value) === undefined,
    expected: 'a narrative',
    explain: (value) => (typeof value === 'string' ? findNarrativeFault(value) : undefined),
  },
};

function isInstant(value: string): boolean {
  const match = instantShape.exec(value);
  return match?.[1] !== undefined && isDate(match[1]);
}

function isBase64(value: string): boolean {
  const dense = /\s/.test(value) ? value.replaceAll(/\s+/g, '') : value;
  return dense !== '' && dense.length % 4 === 0 && base64Shape.test(dense);
}
