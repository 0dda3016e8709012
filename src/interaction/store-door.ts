import type { Store } from '../store/contract/store.ts';

declare const opaque: unique symbol;

/**
 * The store behind a context, for those who go through: `caller-view.ts` reads for a caller, `commit.ts` writes. Nobody
 * else may import this file (tools/layers.cjs), so nobody can go round what the caller's access allows.
 */
export type StoreDoor = { readonly [opaque]: 'door' };

export function toDoor(store: Store): StoreDoor {
  return store as unknown as StoreDoor;
}

export function storeBehind(door: StoreDoor): Store {
  return door as unknown as Store;
}
