/** `application/fhir+json; fhirVersion="4.0"`, in lower case, since media types are without case (RFC 9110, 8.3.1). */
export type MediaType = { readonly type: string; readonly parameters: ReadonlyMap<string, string> };

export function toMediaType(text: string): MediaType {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  return { type, parameters: new Map(parameters.map(toParameter)) };
}

/** A quoted value means the same as one without quotes (RFC 9110, 5.6.6). */
function toParameter(text: string): readonly [name: string, value: string] {
  const [name = '', value = ''] = text.split('=', 2).map((part) => part.trim());
  return [name, value.replace(/^"(.*)"$/, '$1')];
}

/** R4 http.html#version-parameter: a resource of another FHIR version is none that this server reads or writes. */
export function isOfThisFhirVersion({ parameters }: MediaType): boolean {
  return (parameters.get('fhirversion') ?? '4.0') === '4.0';
}
