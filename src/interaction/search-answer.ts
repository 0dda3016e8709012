import type { SearchRequest } from '../search/search-request.ts';
import type { Cursor, StoredResource } from '../store/contract/store.ts';
import type { Included } from './find-included.ts';

export type SearchAnswer = {
  readonly request: SearchRequest;
  readonly matches: readonly StoredResource[];
  readonly included: Included;
  /** All matches over all pages, when it was asked for. */
  readonly total: number | undefined;
  readonly next: Cursor | undefined;
};
