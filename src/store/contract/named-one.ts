import type { Filter } from '../../search/filter.ts';
import type { SearchQuery } from './store.ts';

/** What a read is for who may not see everything: the one resource of an id, when it passes `only`. */
export type NamedOne = { readonly id: string; readonly only: Filter };

/** Undefined where the search asks otherwise. */
export function namedOne({ filter, after }: SearchQuery): NamedOne | undefined {
  const [named, only, ...others] = filter.kind === 'and' ? filter.of : [];
  if (named?.kind !== 'id' || !only || others.length > 0 || after !== undefined) return undefined;
  const [id, ...otherIds] = named.anyOf;
  return id === undefined || otherIds.length > 0 ? undefined : { id, only };
}
