/** Jaro–Winkler, 0 (nothing in common) to 1 (equal): how much alike two names are, their beginning counting most. */
export function similarity(a: string, b: string): number {
  if (a === b) return 1;
  const jaro = jaroOf(a, b);
  let prefix = 0;
  while (
    prefix < 4 &&
    prefix < a.length &&
    prefix < b.length &&
    a.charCodeAt(prefix) === b.charCodeAt(prefix)
  )
    prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/** Longer texts are compared by their beginning, which bounds the work. */
const longest = 64;
const takenA = new Uint8Array(longest);
const takenB = new Uint8Array(longest);

function jaroOf(a: string, b: string): number {
  const lengthA = Math.min(a.length, longest);
  const lengthB = Math.min(b.length, longest);
  if (lengthA === 0 || lengthB === 0) return 0;
  const common = takeCommon(a, lengthA, b, lengthB);
  if (common === 0) return 0;
  const swapped = countSwapped(a, lengthA, b) / 2;
  return (common / lengthA + common / lengthB + (common - swapped) / common) / 3;
}

/** Marks the letters that both have at about the same place. */
function takeCommon(a: string, lengthA: number, b: string, lengthB: number): number {
  const reach = Math.max(0, (Math.max(lengthA, lengthB) >> 1) - 1);
  takenA.fill(0, 0, lengthA);
  takenB.fill(0, 0, lengthB);
  let common = 0;
  for (let i = 0; i < lengthA; i++) {
    const last = Math.min(i + reach, lengthB - 1);
    for (let j = Math.max(0, i - reach); j <= last; j++) {
      if (takenB[j] === 1 || a.charCodeAt(i) !== b.charCodeAt(j)) continue;
      takenA[i] = takenB[j] = 1;
      common++;
      break;
    }
  }
  return common;
}

function countSwapped(a: string, lengthA: number, b: string): number {
  let swapped = 0;
  let j = 0;
  for (let i = 0; i < lengthA; i++) {
    if (takenA[i] === 0) continue;
    while (takenB[j] === 0) j++;
    if (a.charCodeAt(i) !== b.charCodeAt(j)) swapped++;
    j++;
  }
  return swapped;
}

/** Whether one letter was put in, left out, replaced, or two neighbours swapped. */
export function isOneSlip(a: string, b: string): boolean {
  const longer = a.length >= b.length ? a : b;
  const shorter = longer === a ? b : a;
  const more = longer.length - shorter.length;
  if (more > 1 || a === b) return false;
  let at = 0;
  while (at < shorter.length && longer.charCodeAt(at) === shorter.charCodeAt(at)) at++;
  const rest = shorter.slice(at + 1);
  if (more === 1) return longer.slice(at + 1) === shorter.slice(at);
  if (longer.slice(at + 1) === rest) return true;
  return (
    longer.charCodeAt(at) === shorter.charCodeAt(at + 1) &&
    longer.charCodeAt(at + 1) === shorter.charCodeAt(at) &&
    longer.slice(at + 2) === shorter.slice(at + 2)
  );
}
