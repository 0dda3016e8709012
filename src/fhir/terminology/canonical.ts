/** A canonical reference: a URL and, after `|`, the business version that is asked for. */
export type Canonical = { readonly url: string; readonly version?: string };

export function parseCanonical(text: string): Canonical {
  const bar = text.lastIndexOf('|');
  if (bar < 0) return { url: text };
  const version = text.slice(bar + 1);
  const url = text.slice(0, bar);
  return version === '' ? { url } : { url, version };
}

/** What is known by its URL serves a request that names no version, or its own. */
export function servesVersion(asked: string | undefined, version: string | undefined): boolean {
  return asked === undefined || asked === version;
}
