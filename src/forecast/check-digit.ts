import type { CodedValueData, ScheduleData } from './schedule-data.ts';

/** Whether the check digit of the code's system holds; undefined where the system has none. */
export function hasCheckDigit({ system, code }: CodedValueData): boolean | undefined {
  return system === 'SNOMED' ? isSctid(code) : undefined;
}

/** SNOMED CT identifiers have 6 to 18 digits, the last of them by Verhoeff's scheme (SNOMED CT RF2, ch. 6). */
export function isSctid(code: string): boolean {
  return /^[1-9][0-9]{5,17}$/.test(code) && verhoeff(code) === 0;
}

/** Multiplication in the dihedral group of ten elements: turns below 5, reflections from 5 on. */
function multiply(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5);
  return b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5;
}

const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/** 0 where the check digit, which is the last, holds. */
function verhoeff(digits: string): number {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    let digit = Number(digits[digits.length - 1 - place]);
    for (let turn = place % 8; turn > 0; turn--) digit = permutation[digit] ?? 0;
    sum = multiply(sum, digit);
  }
  return sum;
}

type CodeFault = { readonly code: string; readonly text: string };

/** Each code of the schedule whose check digit does not hold, with a sentence that says so. */
export function codeFaults({ observations }: Pick<ScheduleData, 'observations'>): readonly CodeFault[] {
  return observations.flatMap(({ code: observation, codedValues }) =>
    codedValues
      .filter((value) => hasCheckDigit(value) === false)
      .map(({ system, code }) => ({
        code,
        text: `observation ${observation}: ${code} is no code of ${system}: its check digit does not hold`,
      })),
  );
}
