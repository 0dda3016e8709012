import type { CodeableConcept, Extension, Period } from 'fhir/r4.js';

/** What stands for an element that is not there. */
export const none = 'none';

/** An element of a recommendation for a person to read: its texts, codes and dates in one line. */
export function shown(value: unknown): string {
  if (value === undefined) return none;
  if (Array.isArray(value)) return value.map(shown).join(', ') || none;
  if (typeof value !== 'object' || value === null) return String(value);
  if ('url' in value) return shownExtension(value as Extension);
  if ('value' in value && 'code' in value) return shownDate(value as DateCriterion);
  return shownConcept(value as CodeableConcept & { readonly reference?: string });
}

type DateCriterion = { readonly code: CodeableConcept; readonly value: string };

function shownDate({ code, value }: DateCriterion): string {
  return `${code.coding?.[0]?.display ?? code.text ?? ''} ${value}`;
}

function shownConcept({
  text,
  coding,
  reference,
}: CodeableConcept & { readonly reference?: string }): string {
  const codes = coding?.map(({ code }) => code).join('/');
  return together([text ?? coding?.[0]?.display, codes && `(${codes})`, reference]);
}

/** The last part of its URL, and what it holds. */
function shownExtension({ url, extension, ...rest }: Extension): string {
  const [held] = Object.entries(rest).filter(([key]) => key.startsWith('value'));
  const value = extension ? `(${extension.map(shownExtension).join(', ')})` : held && shownValue(held);
  return together([url.split('/').at(-1), value]);
}

function shownValue([key, value]: readonly [string, unknown]): string {
  if (key !== 'valuePeriod') return shown(value);
  const { start = '', end = '' } = value as Period;
  return `${start}..${end}`;
}

function together(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
