import { type EpochMs, type MsRange, parseMsRange } from '../values/instant.ts';
import type { Comparison, DateBound, NumberBound } from './filter.ts';

export const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const;
export type Prefix = (typeof prefixes)[number];

/** A prefix counts only where a number follows it: `eb2020` is one, `ebola` is not. */
export function splitPrefix(text: string): { readonly prefix: Prefix; readonly rest: string } {
  const found = prefixes.find((prefix) => text.startsWith(prefix));
  return found ? { prefix: found, rest: text.slice(2) } : { prefix: 'eq', rest: text };
}

/** Any of these groups of bounds, and within a group all of them, on the same value; `negated` turns it around. */
export type Asked<Bound> = { readonly anyOf: readonly (readonly Bound[])[]; readonly negated: boolean };

/** The day or time that a search value means; the '+' of an offset may have come as a blank. */
export function parseDateValue(text: string): MsRange | undefined {
  return parseMsRange(text.trim().replace(/ (?=\d\d:?\d\d$)/, '+'));
}

/**
 * R4 search.html#prefix, by range: eq = the value lies within what is asked, ne = it does not; gt and lt = it reaches
 * past it, ge and le = that or eq; sa and eb = it lies wholly after or before; ap = it overlaps what is asked,
 * widened by a tenth of the distance to now.
 */
export function dateBounds(prefix: Prefix, asked: MsRange, now: EpochMs): Asked<DateBound> {
  const equal = [bound('first', '>=', asked.first), bound('last', '<=', asked.last)];
  const after = [bound('last', '>', asked.last)];
  const before = [bound('first', '<', asked.first)];
  switch (prefix) {
    case 'eq':
      return { anyOf: [equal], negated: false };
    case 'ne':
      return { anyOf: [equal], negated: true };
    case 'gt':
      return { anyOf: [after], negated: false };
    case 'lt':
      return { anyOf: [before], negated: false };
    case 'ge':
      return { anyOf: [after, equal], negated: false };
    case 'le':
      return { anyOf: [before, equal], negated: false };
    case 'sa':
      return { anyOf: [[bound('first', '>', asked.last)]], negated: false };
    case 'eb':
      return { anyOf: [[bound('last', '<', asked.first)]], negated: false };
    case 'ap': {
      const slack = Math.abs(now - asked.first) / 10;
      const first = Math.floor(asked.first - slack) as EpochMs;
      const last = Math.ceil(asked.last + slack) as EpochMs;
      return { anyOf: [[bound('last', '>=', first), bound('first', '<=', last)]], negated: false };
    }
  }
}

function bound(end: DateBound['end'], is: Comparison, at: EpochMs): DateBound {
  return { end, is, at };
}

export type NumberRange = { readonly value: number; readonly low: number; readonly high: number };

/**
 * A number and the range that its digits imply (R4 search.html#number): 100 is 99.5 to 100.5, 1.00 is 0.995 to 1.005. Both
 * are compared as doubles; a range that is narrower than the next double still holds the number itself.
 */
export function parseNumberValue(text: string): NumberRange | undefined {
  const match = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const value = Number(text);
  // In units of half its last digit, so that no end is rounded before it is a double.
  const tenths = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`) * 10n;
  const power = Number(exponent) - fraction.length - 1;
  const end = (by: bigint) => Number(`${tenths + by}e${power}`);
  return { value, low: end(-5n), high: Math.max(end(5n), nextUp(value)) };
}

/** The smallest double that is larger. */
function nextUp(value: number): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return Number.MIN_VALUE;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

export function numberBounds(prefix: Prefix, { value, low, high }: NumberRange): Asked<NumberBound> {
  const equal = [numberBound('low', '>=', low), numberBound('high', '<', high)];
  const one = (group: readonly NumberBound[]) => ({ anyOf: [group], negated: false });
  switch (prefix) {
    case 'eq':
      return one(equal);
    case 'ne':
      return { anyOf: [equal], negated: true };
    case 'gt':
      return one([numberBound('high', '>', value)]);
    case 'lt':
      return one([numberBound('low', '<', value)]);
    case 'ge':
      return one([numberBound('high', '>=', value)]);
    case 'le':
      return one([numberBound('low', '<=', value)]);
    case 'sa':
      return one([numberBound('low', '>', value)]);
    case 'eb':
      return one([numberBound('high', '<', value)]);
    case 'ap': {
      const slack = Math.abs(value) / 10;
      return one([numberBound('high', '>=', value - slack), numberBound('low', '<=', value + slack)]);
    }
  }
}

function numberBound(end: NumberBound['end'], is: Comparison, value: number): NumberBound {
  return { end, is, value };
}
