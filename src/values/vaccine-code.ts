import type { Brand } from './brand.ts';

/** CDC's code for a vaccine. */
export type CvxCode = Brand<string, 'CvxCode'>;

/** CDC's code for a vaccine manufacturer. */
export type MvxCode = Brand<string, 'MvxCode'>;

/**
 * One to three digits; CDC writes at least two, so "3" is read as "03": MMR.
 */
export function parseCvxCode(text: string): CvxCode | undefined {
  const trimmed = text.trim();
  return /^[0-9]{1,3}$/.test(trimmed) ? (trimmed.padStart(2, '0') as CvxCode) : undefined;
}

/** Two or three capitals or digits: "SKB", "PMC", "MSD". */
export function parseMvxCode(text: string): MvxCode | undefined {
  const trimmed = text.trim().toUpperCase();
  return /^[A-Z0-9]{2,4}$/.test(trimmed) ? (trimmed as MvxCode) : undefined;
}
