import type { Resource } from '../../fhir/resource.ts';
import { entriesOf } from '../parse-bundle.ts';

/** So many characters of what the entries ask for are told; of the rest, how much it is. */
const longest = { batch: 20_000, transaction: 4000 } as const;

/** What the entries of a Bundle ask for, a line each, as they were sent: their searches and targets are told of no other way. */
export function askedBy(bundle: Resource, kind: keyof typeof longest): string {
  const lines: string[] = [];
  let room = longest[kind];
  const entries = entriesOf(bundle);
  for (const entry of entries) {
    const { method, url } = requestOf(entry);
    const line = `${String(method)} ${String(url)}`.slice(0, room);
    room -= line.length + 1;
    if (room <= 0) return [...lines, `… ${entries.length - lines.length} more`].join('\n');
    lines.push(line);
  }
  return lines.join('\n');
}

type Sent = { readonly request?: { readonly method?: unknown; readonly url?: unknown } } | null;

function requestOf(entry: unknown): { readonly method?: unknown; readonly url?: unknown } {
  const request = typeof entry === 'object' ? (entry as Sent)?.request : undefined;
  return typeof request === 'object' && request !== null ? request : {};
}
