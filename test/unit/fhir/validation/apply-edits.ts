/** A path into a resource and the new value there; without a value, what is there goes away. */
export type Edit = readonly [path: readonly (string | number)[], value?: unknown];

type Node = Record<string | number, unknown>;

/** Copies the resource with changes. */
export function applyEdits(resource: object, edits: readonly Edit[]): object {
  const copy = structuredClone(resource);
  for (const edit of edits) {
    const [path, value] = edit;
    let at = copy as Node;
    for (const step of path.slice(0, -1)) at = at[step] as Node;
    const last = path.at(-1) ?? '';
    if (edit.length > 1) at[last] = structuredClone(value);
    else if (Array.isArray(at)) at.splice(Number(last), 1);
    else delete at[last];
  }
  return copy;
}
