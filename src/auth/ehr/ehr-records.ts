import type { Store } from '../../store/contract/store.ts';
import type { EpochMs } from '../../values/instant.ts';
import { isLoopback } from '../../values/is-loopback.ts';
import { OperatorError } from '../../values/operator-error.ts';
import { parseResourceId } from '../../values/resource-id.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newPublicId } from '../secrets/random-secret.ts';

export const ehrKinds = ['public', 'key'] as const;

/** An EHR that opens Jenner's own app; Jenner is its client. */
export type Ehr = {
  readonly id: string;
  readonly name: string;
  /** Its FHIR base, as it says it when it launches. */
  readonly iss: string;
  /** What it calls Jenner. */
  readonly clientId: string;
  /** `key`: Jenner signs assertions. */
  readonly kind: (typeof ehrKinds)[number];
  /** Where the EHR was told that Jenner's keys lie; said in the header `jku`. */
  readonly jwksUrl?: string;
  /** Id of the Organization whose EHR it is; without one the registry is not looked into. */
  readonly organization?: string;
  /** Whether the app asks to write doses there. */
  readonly write?: boolean;
  readonly created: EpochMs;
};

export type EhrInput = Partial<Omit<Ehr, 'id' | 'created'>>;

export type Ehrs = {
  readonly byIssuer: (iss: string) => Promise<Ehr | undefined>;
  readonly list: () => Promise<readonly Ehr[]>;
  readonly add: (ehr: Ehr) => Promise<boolean>;
  /** False when there was none. */
  readonly remove: (id: string) => Promise<boolean>;
};

export function openEhrs(store: Store): Ehrs {
  const records = openRecords<Ehr>({ store, collection: 'ehr' });
  const keyOf = (iss: string) => hashSecret(plain(iss));
  const list = async () => (await records.list()).map(({ value }) => value);
  return {
    byIssuer: (iss) => records.read(keyOf(iss)),
    list,
    add: (ehr) => records.add(keyOf(ehr.iss), ehr),
    remove: async (id) => {
      const found = (await list()).find((one) => one.id === id);
      return found !== undefined && (await records.take(keyOf(found.iss))) !== undefined;
    },
  };
}

/** EHRs write their base with a slash at the end in one place and without it in another. */
function plain(iss: string): string {
  return iss.replace(/\/+$/, '');
}

/** Throws an OperatorError that names what is wrong. */
export function newEhr(
  { name, iss, clientId, kind, jwksUrl, organization, write }: EhrInput,
  created: EpochMs,
): Ehr {
  if (!name || name.length > 100) throw new OperatorError('--name: 1 to 100 characters were expected');
  if (!clientId || clientId.length > 200)
    throw new OperatorError('--client-id: what the EHR calls Jenner was expected');
  if (kind === undefined) throw new OperatorError('--kind: public or key was expected');
  if (jwksUrl !== undefined && kind !== 'key') throw new OperatorError('--jwks-url is for --kind key');
  judgeReach(organization, write);
  return {
    id: newPublicId(),
    name,
    iss: plain(requireUrl('--iss', iss)),
    clientId,
    kind,
    created,
    ...(jwksUrl !== undefined && { jwksUrl: requireUrl('--jwks-url', jwksUrl) }),
    ...(organization !== undefined && { organization }),
    ...(write && { write }),
  };
}

function judgeReach(organization: string | undefined, write = false): void {
  if (organization !== undefined && parseResourceId(organization) === undefined) {
    throw new OperatorError(`--organization ${organization}: the id of an Organization was expected`);
  }
  if (write && organization === undefined) {
    throw new OperatorError(
      '--write is for an EHR with --organization: without it the registry is not looked into',
    );
  }
}

/** An access token goes there: https, or a loopback address for trying. */
function requireUrl(option: string, text: string | undefined): string {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && isLoopback(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return text ?? '';
  throw new OperatorError(`${option} ${text ?? ''}: an https URL was expected`);
}
