import { daysInMonth } from '../../values/epoch-day.ts';

/** What a vaccine's barcode says (GS1 General Specifications, 3 and 7.12). */
export type Gs1Scan = {
  /** AI 01, fourteen digits. */
  readonly gtin: string;
  /** AI 10. */
  readonly lot?: string;
  /** The lot may have swallowed a serial number (AI 21): nothing says where it ends, as the reader sends no separators. */
  readonly isLotUnsure?: true;
  /** AI 17, as FHIR writes a day. */
  readonly expiry?: string;
  /** AI 21. */
  readonly serial?: string;
};

/** Why a scan is not taken; nothing of it is then. */
export type Gs1Fault =
  | 'empty'
  | 'check-digit'
  | 'month'
  | 'day'
  | 'separator'
  | 'unknown-part'
  | 'no-product'
  | 'no-expiry';

export type Gs1Reading =
  | { readonly kind: 'scan'; readonly scan: Gs1Scan }
  | { readonly kind: 'fault'; readonly fault: Gs1Fault };

type Parts = { gtin?: string; lot?: string; expiry?: string; serial?: string };

/** GS: ends a field of no fixed length. */
export const separator = '\u001d';
/** What readers put before the data: which kind of barcode it was. */
const prefix = /^\](?:d2|C1|e0|Q3|J1)/;
const longest = 20;

/**
 * Reads what a handheld reader types. `year` is the present one: two digits mean the year that is nearest (7.12). A lot or a
 * serial number that is not ended by a separator may have swallowed what stands behind it: it is asked for.
 */
export function parseGs1(text: string, year: number): Gs1Reading {
  const data = plainData(text.trim());
  if (data === '') return fault('empty');
  const parts: Parts = {};
  let rest = data;
  while (rest !== '') {
    if (rest.startsWith(separator)) {
      rest = rest.slice(1);
      continue;
    }
    const step = readPart(rest, year);
    if (typeof step === 'string') return fault(step);
    Object.assign(parts, step.part);
    rest = rest.slice(step.length);
  }
  const { gtin } = parts;
  if (gtin === undefined) return fault('no-product');
  if (parts.expiry === undefined) return fault(parts.lot === undefined ? 'no-expiry' : 'separator');
  return { kind: 'scan', scan: { ...parts, gtin, ...(mayHoldMore(text, parts) && { isLotUnsure: true }) } };
}

/**
 * A field that nothing ends is one that stands last (GS1 General Specifications, 7.8.5). A reader that sends no separators
 * ends none, and what looks like a serial number behind the lot may be one, or belong to the lot.
 */
function mayHoldMore(text: string, { lot = '' }: Parts): boolean {
  const isEnded = text.includes(separator) || text.includes('<GS>') || text.includes('(10)');
  return !isEnded && /.21./.test(lot);
}

function fault(why: Gs1Fault): Gs1Reading {
  return { kind: 'fault', fault: why };
}

/** Some readers type the brackets that people read; a field then ends where the next begins. */
function plainData(text: string): string {
  const data = text.replace(prefix, '').replaceAll('<GS>', separator);
  if (!/^\(\d{2}\)/.test(data)) return data;
  return data.replace(/\((01|10|17|21)\)/g, (_whole, ai: string, at: number) =>
    at === 0 ? ai : `${separator}${ai}`,
  );
}

type Step = { readonly part: Parts; readonly length: number };

function readPart(rest: string, year: number): Step | Gs1Fault {
  switch (rest.slice(0, 2)) {
    case '01':
      return readGtin(rest.slice(2, 16));
    case '17':
      return readExpiry(rest.slice(2, 8), year);
    case '10':
      return readText(rest, (lot) => ({ lot }));
    case '21':
      return readText(rest, (serial) => ({ serial }));
    default:
      return 'unknown-part';
  }
}

function readGtin(digits: string): Step | Gs1Fault {
  if (!/^\d{14}$/.test(digits) || !hasCheckDigit(digits)) return 'check-digit';
  return { part: { gtin: digits }, length: 16 };
}

/** GS1 General Specifications, 7.9: weights 3 and 1 from the left of fourteen digits. */
export function hasCheckDigit(digits: string): boolean {
  const sum = [...digits.slice(0, -1)].reduce(
    (all, digit, at) => all + Number(digit) * (at % 2 === 0 ? 3 : 1),
    0,
  );
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1));
}

function readExpiry(digits: string, present: number): Step | Gs1Fault {
  if (!/^\d{6}$/.test(digits)) return 'day';
  const [short = 0, month = 0, day = 0] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)].map(
    Number,
  );
  if (month < 1 || month > 12) return 'month';
  const year = fullYear(short, present);
  const last = daysInMonth(year, month);
  // 7.12: day 00 is the last of the month.
  if (day > last) return 'day';
  const pad = (number: number) => String(number).padStart(2, '0');
  return { part: { expiry: `${year}-${pad(month)}-${pad(day === 0 ? last : day)}` }, length: 8 };
}

/** GS1 General Specifications, 7.12: 49 years back, 50 ahead. */
function fullYear(short: number, present: number): number {
  const century = Math.floor(present / 100) * 100;
  const difference = short - (present % 100);
  if (difference >= 51) return century - 100 + short;
  return difference <= -50 ? century + 100 + short : century + short;
}

/** What a lot may be made of: GS1's set 82. */
const letters = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;

function readText(rest: string, toPart: (text: string) => Parts): Step | Gs1Fault {
  const end = rest.indexOf(separator);
  const value = rest.slice(2, end < 0 ? undefined : end);
  if (value.length > longest) return 'separator';
  if (!letters.test(value)) return 'unknown-part';
  return { part: toPart(value), length: value.length + 2 };
}

/** The ten digits of an NDC in the GTIN of an American medicine (prefix 03); undefined of others. */
export function ndcOf(gtin: string): string | undefined {
  return gtin.slice(1, 3) === '03' ? gtin.slice(3, 13) : undefined;
}
