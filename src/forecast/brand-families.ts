import type { CvxCode } from '../values/vaccine-code.ts';

/** Codes of one product for several ages: hepatitis B of children, adolescents, adults and in dialysis. */
const families: readonly (readonly string[])[] = [['08', '42', '43', '44']];

/** Those that go on with what was given last come first: a series is best completed with the brand it was begun with. */
export function begunFirst(
  codes: readonly CvxCode[],
  given: readonly CvxCode[],
  isCombined: (code: CvxCode) => boolean,
): readonly CvxCode[] {
  // What else it holds may not be needed any more: with such a one no series is gone on for its own sake.
  const rankOf = (code: CvxCode) =>
    isCombined(code) ? -1 : given.findLastIndex((before) => isSameBrand(before, code));
  const ranked = codes.map((code) => ({ code, rank: rankOf(code) }));
  if (ranked.every(({ rank }) => rank < 0)) return codes;
  return ranked.sort((a, b) => b.rank - a.rank).map(({ code }) => code);
}

function isSameBrand(a: CvxCode, b: CvxCode): boolean {
  return a === b || families.some((family) => family.includes(a) && family.includes(b));
}
