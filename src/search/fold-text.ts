/** Well-formed Unicode without U+0000: what every store can keep and compare. Anything else becomes U+FFFD. */
export function cleanText(text: string): string {
  return isPlain(text) ? text : text.replace(/\p{Cs}/gu, '\uFFFD').replaceAll('\u0000', '\uFFFD');
}

/** A code as it is compared: without regard to case (R4 search.html#token: in doubt, case-insensitive). */
export function foldCode(code: string): string {
  return isPlain(code) ? code.toLowerCase() : foldCase(cleanText(code));
}

/**
 * Unicode's default case folding, of no language: what differs in case only is the same, whatever the script. By way of the
 * upper case, since that is where forms such as a final sigma and ß meet the others.
 */
function foldCase(text: string): string {
  return text
    .toUpperCase()
    .toLowerCase()
    .replace(/[ςß]/g, (letter) => (letter === 'ς' ? 'σ' : 'ss'));
}

/** Letters with a stroke or of two, which Unicode does not take apart. */
const letters: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
};

/** What Unicode ignores by default: joiners, soft hyphens, selectors of variants. */
const ignored = /\p{Default_Ignorable_Code_Point}+/gu;

/**
 * Marks that say how a letter is said. Those of other scripts are vowels, the sound marks of kana make other letters, and
 * the iota that Greek writes below a letter is one in upper case.
 */
const accents =
  /(?:(?![\u0345\u3099\u309a])(?=\p{M})[\p{Script=Inherited}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}])+/gu;

/**
 * A string as it is compared: without case, accents and marks, an apostrophe dropped, any other run of white
 * space and punctuation one blank: "O'Néill-Smith" is "oneill smith" (R4 search.html#string).
 */
export function foldText(text: string): string {
  if (/^[a-z0-9]*$/.test(text)) return text;
  if (/^[A-Za-z0-9]*$/.test(text)) return text.toLowerCase();
  if (isPlain(text)) return squeeze(text.toLowerCase());
  const bare = foldCase(withoutAccents(cleanText(text).replace(ignored, '')));
  return squeeze(withoutAccents(bare).replace(/[æœøđðþł]/g, (letter) => letters[letter] ?? letter)).normalize(
    'NFC',
  );
}

function withoutAccents(text: string): string {
  return text.normalize('NFKD').replace(accents, '');
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
