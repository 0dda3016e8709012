import { tableOf } from '../../values/table-of.ts';

/** Words that stand where a newborn has no name yet, or nobody knows it. */
const noGiven =
  /^(?:(?:baby|bb|bg|newborn|new born|infant|inf|nb|child|twin|triplet|multiple|male|female|boy|girl|unknown|unk|unnamed|none|no name|noname|nfn|no first name|not given|n a|name|test|babyboy|babygirl|fc|of)(?: |$))+(?:[a-d1-9]|one|two|three)?$/;
/** Without a blank: FC1, TWINA, BABY2. */
const numbered = /^(?:fc|twin|triplet|baby|bb|bg|babyboy|babygirl|nb|newborn)([a-d1-9])$/;
/** With what one of these begins: nearly every name is told apart by it, and at less cost. */
const beginning = /^(?:b[abgo]|fc|n[abefio]|n |new|twi|tri|mul|mal|fem|gir|un[kn]|test|inf|chi)/;

/** Whether a given name (`foldText`) says only that there is none: Baby Boy, BB, Twin A, FC1. */
export function isNoGiven(folded: string): boolean {
  return beginning.test(folded) && (noGiven.test(folded) || numbered.test(folded));
}

/** The same of a family name; Child and Boy are names of families. */
export function isNoFamily(folded: string): boolean {
  return /^(?:unknown|unk|unnamed|none|no name|noname|nln|no last name|not given|n a)$/.test(folded);
}

const ordinals: Readonly<Record<string, number>> = tableOf({
  a: 1,
  b: 2,
  c: 3,
  d: 4,
  one: 1,
  two: 2,
  three: 3,
});

/** Which of those born together a placeholder names: 2 for Twin B, 0 where none is named. */
export function orderInPlaceholder(words: readonly string[]): number {
  const text = words.join(' ');
  if (!/^(?:baby|bb|bg|fc|twin|triplet|nb|newborn|infant)/.test(text) || !isNoGiven(text)) return 0;
  const last = numbered.exec(text)?.[1] ?? words.at(-1) ?? '';
  return ordinals[last] ?? (/^[1-9]$/.test(last) ? Number(last) : 0);
}

/** Digits of a phone; '' for what nobody can be called by: too short, all the same, 555-5555, 123-4567. */
export function toPhone(text: string): string {
  const digits = text.replace(/\D+/g, '').replace(/^1(?=\d{10}$)/, '');
  const local = digits.slice(-7);
  const isNobodys = local.length < 7 || allSame(local) || local === '1234567' || local === '0001234';
  return isNobodys ? '' : digits.slice(0, 15);
}

/** A number without punctuation; '' for one that stands for none. */
export function toNumber(text: string): string {
  const value = text.replace(/[^0-9A-Za-z]+/g, '').toLowerCase();
  return value.length < 2 || allSame(value) || /^(?:none|unknown|unk|123456789|na)$/.test(value)
    ? ''
    : value.slice(0, 64);
}

/** Nine digits that may be a social security number: no area of 000, 666 or 9xx, no group 00, no serial 0000. */
export function toSsn(text: string): string {
  const digits = text.replace(/\D+/g, '');
  if (!/^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits)) return '';
  return allSame(digits) || digits === '123456789' || digits === '987654321' ? '' : digits;
}

function allSame(text: string): boolean {
  for (let at = 1; at < text.length; at++) if (text.charCodeAt(at) !== text.charCodeAt(0)) return false;
  return true;
}
