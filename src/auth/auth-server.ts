import type { Caller } from '../access/caller.ts';
import type { Entitlement } from '../access/entitlement.ts';
import type { Tell } from '../interaction/audit/tell.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Operation } from '../operation/operation.ts';
import type { AccessShown, AuthPages } from '../pages/auth-pages.ts';
import type { LeftOut } from '../registry/forecasting/without-repeated.ts';
import type { Store } from '../store/contract/store.ts';
import type { LocalClock } from '../values/clock.ts';
import { type Bearer, type BearerPort, openBearer } from './bearer/bearer.ts';
import { type Entitled, toEntitlement } from './bearer/to-entitlement.ts';
import type { AssertionPort } from './clients/assertion.ts';
import { openClientKeys } from './clients/client-keys.ts';
import { type Clients, openClients } from './clients/client-records.ts';
import { type Fetched, fetchJson } from './clients/fetch-json.ts';
import { type EhrKeys, openEhrKeys } from './ehr/ehr-keys.ts';
import { type EhrLaunches, type LaunchPort, openEhrLaunches } from './ehr/ehr-launch.ts';
import { openEhrs } from './ehr/ehr-records.ts';
import { type Epoch, openEpoch } from './epoch.ts';
import { openSharedLimits, type Rates, type SharedLimits } from './limits/shared-limits.ts';
import { type Codes, openCodes } from './oauth/codes.ts';
import { type Grants, openGrants } from './oauth/grants.ts';
import { type Launches, openLaunches } from './oauth/launches.ts';
import { openRemembered, type RememberedConsents } from './oauth/remembered.ts';
import { openRequests, type Requests } from './oauth/requests.ts';
import { openTokens, type Tokens } from './oauth/tokens.ts';
import type { Passwords } from './secrets/passwords.ts';
import type { Seal } from './secrets/seal.ts';
import { openSigningKeys, type SigningKeys } from './secrets/signing-keys.ts';
import { openSessions, type Sessions } from './session/sessions.ts';
import { type Devices, openDevices } from './sign-in/devices.ts';
import { openSetups, type Setups } from './sign-in/setups.ts';
import { openThrottle, type Throttle } from './sign-in/throttle.ts';
import { openUpstream, type Upstream, type UpstreamSettings } from './sign-in/upstream.ts';
import { openUsers, type Users } from './users/user-records.ts';

export type AuthSettings = {
  /** What clients see, without a trailing slash. It is the issuer. */
  readonly publicUrl: string;
  readonly allowPrivateJwks: boolean;
  readonly parentUntilAge: number;
  readonly department: string | undefined;
  readonly upstream: UpstreamSettings | undefined;
  /** How often somebody may ask; as often as they like when absent. */
  readonly rates?: Rates;
};

export type AuthOptions = {
  readonly settings: AuthSettings;
  readonly store: Store;
  readonly clock: LocalClock;
  readonly seal: Seal;
  readonly passwords: Passwords;
  readonly pages: AuthPages;
  readonly contextFor: (caller: Caller) => InteractionContext;
  readonly toCaller: (entitlement: Entitlement) => Caller;
  /** Who has seen the record of a Patient, newest first; absent where nothing is noted. */
  readonly auditTrail?: (patient: string, after: string | undefined) => Promise<AuditPage>;
  /** Where sign-ins, pages and what is refused are told; absent where nothing is noted. */
  readonly tell?: Tell;
  /** Milliseconds from any fixed moment, never going back; the system's when absent. */
  readonly now?: () => number;
  /** How the keys of clients are fetched; by HTTP when absent. */
  readonly fetchKeys?: (url: string) => Promise<Fetched>;
  /** What Jenner's own app shows inside an EHR; absent where it is not opened there. */
  readonly ehrApp?: EhrApp;
  /** Told of what goes wrong where nobody waits for it. */
  readonly warn?: (thrown: unknown) => void;
};

export type EhrApp = {
  /** `$match`, `$consolidated-record`, `$immds-forecast`, `$immds-what-if`. */
  readonly operations: readonly Operation[];
  readonly leftOut: LeftOut | undefined;
  /** What the schedule calls a vaccine, by its CVX code. */
  readonly vaccineName?: (cvx: string) => string | undefined;
  /** The code that CDC gives what is known of a person, by its title. */
  readonly observationCode?: (title: string) => string | undefined;
  /** How EHRs are asked; by HTTP when absent. */
  readonly fetch?: LaunchPort['fetch'];
};

export type AuditPage = { readonly rows: readonly AccessShown[]; readonly next?: string };

/** What the authorization server works with; all that it must remember lies in the store. */
export type AuthServer = Omit<AuthOptions, 'now' | 'fetchKeys' | 'warn'> & {
  readonly limits: SharedLimits;
  readonly issuer: string;
  /** The FHIR base, which tokens are for. */
  readonly base: string;
  readonly system: InteractionContext;
  readonly epoch: Epoch;
  readonly clients: Clients;
  readonly users: Users;
  readonly keys: SigningKeys;
  readonly tokens: Tokens;
  readonly grants: Grants;
  readonly codes: Codes;
  readonly launches: Launches;
  readonly requests: Requests;
  readonly remembered: RememberedConsents;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
  readonly devices: Devices;
  readonly setups: Setups;
  readonly upstream: Upstream | undefined;
  readonly ehrKeys: EhrKeys;
  readonly ehrLaunches: EhrLaunches;
  /** How EHRs that are registered are asked. */
  readonly fetchEhr: LaunchPort['fetch'];
  readonly assertions: AssertionPort;
  readonly bearerPort: BearerPort;
  readonly bearer: Bearer;
  readonly entitle: (entitled: Entitled) => Promise<Entitlement>;
};

export function openAuthServer({
  now = () => performance.now(),
  fetchKeys,
  warn = () => undefined,
  ...options
}: AuthOptions): AuthServer {
  const { store, clock, settings, seal, contextFor } = options;
  const { publicUrl, allowPrivateJwks, parentUntilAge, department, upstream, rates = {} } = settings;
  const epoch = openEpoch(store, now);
  const system = contextFor({ kind: 'system', name: 'server' });
  const records = {
    clients: openClients(store, epoch),
    users: openUsers(store, epoch),
    tokens: openTokens(store, clock, epoch),
    grants: openGrants(store, epoch),
    sessions: openSessions(store, clock),
  };
  const entitle = (entitled: Entitled) => toEntitlement({ system, parentUntilAge, department }, entitled);
  const bearerPort = { ...records, clock, epoch, toEntitlement: entitle, toCaller: options.toCaller };
  const fetchUrl = fetchKeys ?? ((url: string) => fetchJson(url, { allowPrivate: allowPrivateJwks }));
  return {
    ...options,
    ...records,
    issuer: publicUrl,
    base: `${publicUrl}/fhir`,
    system,
    epoch,
    limits: openSharedLimits({ store, clock, rates, now, warn }),
    keys: openSigningKeys({ store, seal, clock }),
    codes: openCodes(store, clock),
    launches: openLaunches(store, clock),
    requests: openRequests(store, clock),
    remembered: openRemembered(store, records.grants),
    throttle: openThrottle(store, clock),
    devices: openDevices(store, clock),
    setups: openSetups(store, seal, clock),
    upstream: upstream && openUpstream({ settings: upstream, publicUrl, store, clock }),
    assertions: {
      store,
      clock,
      keys: openClientKeys(fetchUrl, now),
      readClient: records.clients.read,
      audience: `${publicUrl}/auth/token`,
    },
    ...ehrParts(options),
    bearerPort,
    bearer: openBearer(bearerPort),
    entitle,
  };
}

const mostEhrBytes = 8 * 1024 * 1024;

/** Jenner as an app of EHRs. An operator has named each, so it may lie anywhere. */
function ehrParts({
  store,
  seal,
  clock,
  settings,
  ehrApp,
}: Pick<AuthOptions, 'store' | 'seal' | 'clock' | 'settings' | 'ehrApp'>) {
  const byHttp: LaunchPort['fetch'] = (url, options) =>
    fetchJson(url, { mostBytes: mostEhrBytes, ...options, allowPrivate: true });
  const fetch = ehrApp?.fetch ?? byHttp;
  const keys = openEhrKeys({ store, seal, clock });
  const redirect = `${settings.publicUrl}/app/launch/callback`;
  const ehrLaunches = openEhrLaunches({ store, clock, seal, ehrs: openEhrs(store), keys, redirect, fetch });
  return { ehrKeys: keys, ehrLaunches, fetchEhr: fetch };
}
