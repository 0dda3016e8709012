/**
 * Whether more than so many values stand in it, objects and arrays counted; it looks at no more than that. A text counts
 * once more for each `textUnit` characters, where that is said.
 */
export function hasMoreValues(value: unknown, most: number, textUnit = Number.POSITIVE_INFINITY): boolean {
  return leftOf(value, most, textUnit) < 0;
}

function leftOf(value: unknown, before: number, textUnit: number): number {
  let left = before - 1;
  if (typeof value === 'string') return left - Math.floor(value.length / textUnit);
  if (typeof value !== 'object' || value === null) return left;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && left >= 0; at++) left = leftOf(value[at], left, textUnit);
    return left;
  }
  for (const name in value) {
    if (left < 0) return left;
    left = leftOf((value as Readonly<Record<string, unknown>>)[name], left, textUnit);
  }
  return left;
}
