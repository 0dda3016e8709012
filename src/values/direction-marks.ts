/** Marks that turn the direction of writing. Unless they are ended they turn what follows as well. */
const mark = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const marks = new RegExp(mark, 'g');
const [isolateFrom, isolateTo] = ['\u2068', '\u2069'];

/**
 * A text without marks of direction, by which a name could be made to be read as another. Parts that are isolated on both
 * sides stay so: they turn nothing but themselves.
 */
export function withoutMarks(text: string): string {
  // Nearly all texts have none, and pages ask of each.
  if (!mark.test(text)) return text;
  const keeps = isPaired(text);
  return text.replace(marks, (found) =>
    keeps && (found === isolateFrom || found === isolateTo) ? found : '',
  );
}

function isPaired(text: string): boolean {
  let depth = 0;
  for (const letter of text) {
    if (letter === isolateFrom) depth += 1;
    if (letter === isolateTo) depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Hebrew, Arabic, Syriac, Thaana, N'Ko and what is written like them. */
const fromRight = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Text that somebody wrote, to stand among other words: isolated as `<bdi>` does it, where it is written from the right. */
export function isolate(text: string): string {
  const plain = withoutMarks(text);
  return fromRight.test(plain) && !plain.includes(isolateFrom) ? isolateFrom + plain + isolateTo : plain;
}
