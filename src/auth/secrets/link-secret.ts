import { randomBytes } from 'node:crypto';
import type { Store } from '../../store/contract/store.ts';
import { openRecords } from '../records/open-records.ts';
import type { Seal } from './seal.ts';

type Kept = { readonly sealed: string };

const name = 'links';
const purpose = 'health-links';

/**
 * What the keys of SMART Health Links are drawn with, beside the secret of each that its owner alone has: neither the store
 * nor the server's keys open a link. Made where there is none yet; one for all servers of a store.
 */
export function openLinkSecret({
  store,
  seal,
}: {
  readonly store: Store;
  readonly seal: () => Seal;
}): () => Promise<Uint8Array> {
  const records = openRecords<Kept>({ store, collection: 'key' });
  let opened: Uint8Array | undefined;
  const there = async (): Promise<Kept> => {
    const kept = await records.read(name);
    if (kept) return kept;
    const made = { sealed: seal().close(purpose, randomBytes(32).toString('base64url')) };
    return (await records.add(name, made)) ? made : there();
  };
  return async () => {
    opened ??= Buffer.from(seal().open(purpose, (await there()).sealed), 'base64url');
    return opened;
  };
}
