import { parseOffset } from '../../forecast/date-arithmetic.ts';
import { daysInMonth } from '../../values/epoch-day.ts';
import { parseCvxCode } from '../../values/vaccine-code.ts';
import { importError, type XmlElement } from './xml-element.ts';

export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The children that are more than an empty placeholder. */
export function filledChildrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return childrenOf(element, name).filter((child) => child.children.length > 0);
}

/** Those in which something is said: a placeholder may have empty children of its own. */
export function tellingChildrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return childrenOf(element, name).filter((child) => child.children.some(isFilled));
}

function isFilled({ text, children }: XmlElement): boolean {
  return children.length === 0 ? isGiven(text) : children.some(isFilled);
}

export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** A child with text, unless it is empty or "n/a". */
function given(element: XmlElement, name: string): XmlElement | undefined {
  const child = childOf(element, name);
  return child && isGiven(child.text) ? child : undefined;
}

export function isGiven(text: string): boolean {
  return text !== '' && text.toLowerCase() !== 'n/a';
}

export function textOf(element: XmlElement, name: string): string | undefined {
  return given(element, name)?.text;
}

export function requiredText(element: XmlElement, name: string): string {
  return required(element, name, textOf(element, name));
}

export function required<T>(element: XmlElement, name: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw importError(childOf(element, name) ?? element, `"${name}" must have a value`);
}

/** An age or an interval, kept as text once it is known to be one. */
export function offsetOf(element: XmlElement, name: string): string | undefined {
  const child = given(element, name);
  if (!child) return undefined;
  if (!parseOffset(child.text)) {
    throw importError(child, `"${child.text}" is no age or interval such as "12 months - 4 days"`);
  }
  return child.text.replace(/\s+/g, ' ');
}

/** YYYYMMDD, as an ISO date. */
export function dateOf(element: XmlElement, name: string): string | undefined {
  return parsedDate(element, name, /^(?<y>[0-9]{4})(?<m>[0-9]{2})(?<d>[0-9]{2})$/, 'YYYYMMDD');
}

export function effectiveData(element: XmlElement) {
  return { effectiveDate: dateOf(element, 'effectiveDate'), cessationDate: dateOf(element, 'cessationDate') };
}

/** MM/DD/YYYY, as an ISO date. */
export function birthDateOf(element: XmlElement, name: string): string | undefined {
  return parsedDate(element, name, /^(?<m>[0-9]{2})\/(?<d>[0-9]{2})\/(?<y>[0-9]{4})$/, 'MM/DD/YYYY');
}

function parsedDate(element: XmlElement, name: string, shape: RegExp, form: string): string | undefined {
  const child = given(element, name);
  if (!child) return undefined;
  const { y = '', m = '', d = '' } = shape.exec(child.text)?.groups ?? {};
  const [year, month, day] = [Number(y), Number(m), Number(d)];
  const exists = year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  if (!exists) throw importError(child, `"${child.text}" is no date of the form ${form}`);
  return `${y}-${m}-${d}`;
}

/** One of these words, whatever its case. */
export function wordOf<const T extends string>(
  element: XmlElement,
  name: string,
  words: readonly T[],
): T | undefined {
  const child = given(element, name);
  return child && toWord(child, words);
}

export function toWord<const T extends string>(element: XmlElement, words: readonly T[]): T {
  const asked = element.text.toLowerCase().replace(/\s+/g, ' ');
  const found = words.find((word) => word.toLowerCase() === asked);
  if (found === undefined) {
    throw importError(element, `unknown value "${element.text}", expected one of ${words.join(', ')}`);
  }
  return found;
}

export function yesOrNo(element: XmlElement, name: string): boolean | undefined {
  const word = wordOf(element, name, ['Yes', 'No', 'Y', 'N']);
  return word && (word === 'Yes' || word === 'Y');
}

export function cvxOf(element: XmlElement, name: string): string {
  const text = requiredText(element, name);
  return required(element, name, toCvx(childOf(element, name) ?? element, text));
}

/** Codes between semicolons. */
export function cvxListOf(element: XmlElement, name: string): readonly string[] | undefined {
  const child = given(element, name);
  return child && splitList(child.text).map((code) => toCvx(child, code));
}

export function splitList(text: string): readonly string[] {
  const parts = text.split(';').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function toCvx(element: XmlElement, text: string): string {
  const code = parseCvxCode(text);
  if (code === undefined) throw importError(element, `"${text}" is no CVX code`);
  return code;
}

export function observationCodeOf(element: XmlElement, name: string): string | undefined {
  const child = given(element, name);
  if (child && !/^[0-9]{3}$/.test(child.text)) {
    throw importError(child, `"${child.text}" is no observation code of three digits`);
  }
  return child?.text;
}

export function wholeNumberOf(
  element: XmlElement,
  name: string,
  shape = /^([0-9]{1,3})$/,
): number | undefined {
  const child = given(element, name);
  if (!child) return undefined;
  const digits = shape.exec(child.text)?.[1];
  if (digits === undefined) throw importError(child, `"${child.text}" is no number as expected here`);
  return Number(digits);
}

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** An object without the properties that are undefined: an absent element is an absent property. */
export function compact<T extends object>(fields: T): Compact<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Compact<T>;
}
