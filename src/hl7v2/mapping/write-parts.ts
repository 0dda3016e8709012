import type { Resource } from '../../fhir/resource.ts';
import type { ErrorLocation } from '../finding.ts';
import { isSameContent } from './merge.ts';

/** An entry of a transaction. */
export type Entry = {
  readonly fullUrl?: string;
  readonly resource?: Resource;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly ifMatch?: string;
    readonly ifNoneMatch?: string;
  };
};

/** What is written of one segment, or of one order: it is kept whole, or left out and told. */
export type Part = {
  readonly location: ErrorLocation;
  /** The message is refused without it. */
  readonly isEssential: boolean;
  readonly entries: readonly Entry[];
};

/** The urn of the nth new resource of a message; it is meant inside its transaction alone. */
export const newUrl = (count: number): string =>
  `urn:uuid:00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;

export type Numbering = { readonly next: () => string };

export function openNumbering(): Numbering {
  let count = 0;
  return { next: () => newUrl(++count) };
}

/** With a condition it is written while nothing meets it: what somebody else has written meanwhile is planned on anew. */
export function created(resource: object, fullUrl: string, condition?: string): Entry {
  const body = resource as Resource;
  const { resourceType } = body;
  const request =
    condition === undefined
      ? { method: 'POST', url: resourceType }
      : { method: 'PUT', url: `${resourceType}?${condition}`, ifNoneMatch: '*' };
  return { fullUrl, resource: body, request };
}

/** The update of what is kept, where it changes anything: as the version that was read, and no other. */
export function changed(stored: Resource, next: object): readonly Entry[] {
  const resource = next as Resource;
  if (isSameContent(stored, resource)) return [];
  const { resourceType, id, meta } = stored;
  const request = {
    method: 'PUT',
    url: `${resourceType}/${id}`,
    ifMatch: `W/"${meta?.versionId}"`,
  };
  return [{ resource, request }];
}

/** A value in a search: what parts values is escaped (R4 search.html#escaping). */
export const searchValue = (...parts: readonly (string | undefined)[]): string =>
  encodeURIComponent(parts.map((part = '') => part.replace(/[\\,|$]/g, '\\$&')).join('|'));
