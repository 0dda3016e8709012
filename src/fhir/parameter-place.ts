/** FHIRPath of the parameters of a name in a Parameters resource, or of the parts of a name. */
export function placeOf(name: string, list = 'Parameters.parameter'): string {
  return `${list}.where(name='${name.replaceAll("'", "\\'").slice(0, 80)}')`;
}
