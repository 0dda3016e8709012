/** Well-formed Unicode without U+0000: what every store can keep and compare. Anything else becomes U+FFFD. */
export function cleanText(text: string): string {
  return isPlain(text) ? text : text.replace(/\p{Cs}/gu, '\uFFFD').replaceAll('\u0000', '\uFFFD');
}

/** A code as it is compared: without regard to case (R4 search.html#token: in doubt, case-insensitive). */
export function foldCode(code: string): string {
  return cleanText(code.toLowerCase());
}

const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
};

/**
 * A string as it is compared: without case, accents and marks, an apostrophe dropped, any other run of white
 * space and punctuation one blank: "O'Néill-Smith" is "oneill smith" (R4 search.html#string).
 */
export function foldText(text: string): string {
  if (/^[a-z0-9]*$/.test(text)) return text;
  if (/^[A-Za-z0-9]*$/.test(text)) return text.toLowerCase();
  if (isPlain(text)) return squeeze(text.toLowerCase());
  const bare = cleanText(text)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[ßæœøđðþłı]/g, (letter) => letters[letter] ?? letter);
  return squeeze(bare);
}

function squeeze(text: string): string {
  return text
    .replace(/['’‘`´ʼ]/g, '')
    .replace(/[\s\p{P}\p{Z}\p{Cc}]+/gu, ' ')
    .trim();
}

function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** The order of code points, which is the order of UTF-8 bytes: the same in every store. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** A surrogate stands for a code point above every single code unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
