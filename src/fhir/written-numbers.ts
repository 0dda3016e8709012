/**
 * How the numbers of a parsed object or array were written, where that differs from how JavaScript writes them (1.00,
 * 1e3). A side table, so that the objects stay plain; copies of an object lose it for their own numbers only.
 */
const writtenNumbers = new WeakMap<object, Map<string | number, string>>();

/** Remembers the text of a number; false where JavaScript would write the same. */
export function keepWritten(parent: object, name: string | number, number: number, written: string): boolean {
  if (String(number) === written) return false;
  const known = writtenNumbers.get(parent);
  if (known) known.set(name, written);
  else writtenNumbers.set(parent, new Map([[name, written]]));
  return true;
}

/** The text of a number, with the digits it was parsed from where they were kept. */
export function writtenNumber(parent: object, name: string | number, number: number): string {
  return writtenNumbers.get(parent)?.get(name) ?? JSON.stringify(number);
}

/** Whether a number of its own was written in another way than JavaScript writes it. */
export const hasWritten = (parent: object): boolean => writtenNumbers.has(parent);

/** Gives a copy what is known of the original's own numbers, but for the members that are not `kept`. */
export function copyWritten(
  original: object,
  copy: object,
  kept: (name: string | number) => boolean = () => true,
): void {
  const written = writtenNumbers.get(original);
  if (written) writtenNumbers.set(copy, new Map([...written].filter(([name]) => kept(name))));
}
