/** FHIRPath of the parameters of a name in a Parameters resource. */
export function placeOf(name: string): string {
  return `Parameters.parameter.where(name='${name.replaceAll("'", "\\'").slice(0, 80)}')`;
}
