/** The name of an element in JSON: `value[x]` of type Quantity is `valueQuantity`. */
export function jsonName(element: string, type: string): string {
  if (!element.endsWith('[x]')) return element;
  const suffix = type === 'SimpleQuantity' ? 'Quantity' : type.charAt(0).toUpperCase() + type.slice(1);
  return element.slice(0, -3) + suffix;
}
