/** What people append to the number of a lot. */
const appended = /(?:\(P\)|VFC|\*)+$/;

/** A lot number without what differs from one record to another: case, blanks, hyphens, notes at its end. */
export function normalLot(lot: string): string {
  return lot.toUpperCase().replaceAll(/[\s-]/g, '').replace(appended, '').replaceAll(/[()]/g, '');
}

/**
 * Whether two normal forms are of one lot. The lot of a package and that of a vial in it differ by a letter at one end, or by
 * a digit after it, as the makers have it.
 */
export function isSameLot(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length < 5 || long.length !== short.length + 1) return false;
  return long.startsWith(short) || (long.endsWith(short) && /^[A-Z]/.test(long));
}
