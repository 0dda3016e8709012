import type { Store } from '../../store/contract/store.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { Client } from '../clients/client.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import type { User } from '../users/user.ts';
import { needsPatient, tickedScopes } from './consent-boxes.ts';
import { isByUser } from './grant.ts';
import type { Grants } from './grants.ts';

/** What somebody allowed an app and ticked not to be asked again. It lasts as long as the grant that it came to last. */
type Remembered = {
  readonly scopes: readonly string[];
  readonly granted: readonly string[];
  readonly grant: string;
  readonly until: EpochMs;
};

/** Whom it is about, and who asks. */
export type Asking = { readonly user: User; readonly client: Client; readonly patient: string | undefined };

export type RememberedConsents = {
  /** What is granted without asking; undefined where somebody is to be asked. */
  readonly find: (asking: Asking, scopes: readonly string[]) => Promise<readonly string[] | undefined>;
  readonly keep: (asking: Asking, allowed: Remembered) => Promise<void>;
  readonly forget: (asking: Asking) => Promise<void>;
};

export function openRemembered(store: Store, grants: Pick<Grants, 'read'>): RememberedConsents {
  const records = openRecords<Remembered>({
    store,
    collection: 'remembered-consent',
    expiresOf: ({ until }) => until,
  });
  return {
    find: async (asking, scopes) => {
      const known = await records.read(keyOf(asking));
      const grant = known && (await grants.read(known.grant));
      // Whoever stops the app, or ends what the account had, is asked again.
      if (!known || !grant || !isByUser(grant, asking.user, asking.client)) return undefined;
      if (!scopes.every((scope) => known.scopes.includes(scope))) return undefined;
      const granted = tickedScopes(scopes, known.granted);
      const isOpen = needsPatient(granted) && asking.patient === undefined;
      return granted.length === 0 || isOpen ? undefined : granted;
    },
    keep: (asking, allowed) => records.put(keyOf(asking), allowed),
    forget: (asking) => records.remove(keyOf(asking)),
  };
}

function keyOf({ user, client, patient = '' }: Asking): string {
  return hashSecret(JSON.stringify([user.subject, client.id, patient]));
}

/**
 * RFC 8252, 8.6: nothing is given unasked where another app could take the answer. A host is certain by https; who listens
 * on this machine or has taken a scheme is not.
 */
export function isCertain(redirect: string): boolean {
  return new URL(redirect).protocol === 'https:';
}
