/** An entry whose resource is spliced in as the text that the store holds. */
export type SplicedEntry = {
  readonly fullUrl?: string;
  readonly text?: string;
  /** The JSON of `search`, `request` and `response`: see `membersOf`. */
  readonly rest?: string;
};

/** The members of an object as JSON, without the braces; for those that many entries share, once. */
export function membersOf(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

/** Bundle text around resource texts: nothing that is kept as text is parsed or written again. */
export function spliceBundle(head: object, entries: readonly SplicedEntry[]): string {
  const start = JSON.stringify(head);
  if (entries.length === 0) return start; // R4 json.html: no empty arrays
  return `${start.slice(0, -1)},"entry":[${entries.map(spliceEntry).join(',')}]}`;
}

function spliceEntry({ fullUrl, text, rest }: SplicedEntry): string {
  let members = fullUrl === undefined ? '' : `"fullUrl":${JSON.stringify(fullUrl)}`;
  if (text !== undefined) members += members === '' ? `"resource":${text}` : `,"resource":${text}`;
  if (rest !== undefined) members += members === '' ? rest : `,${rest}`;
  return `{${members}}`;
}
