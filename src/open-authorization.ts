import { readFileSync } from 'node:fs';
import type { Caller } from './access/caller.ts';
import type { CdsClients } from './access/cds-client.ts';
import type { Entitlement } from './access/entitlement.ts';
import type { InterfaceAccount, InterfaceAccounts } from './access/interface-account.ts';
import { toCaller } from './access/to-caller.ts';
import type { AppOptions, Authorization } from './app.ts';
import { clientAdmin } from './auth/admin/client-admin.ts';
import { userAdmin } from './auth/admin/user-admin.ts';
import { type AuthOptions, openAuthServer } from './auth/auth-server.ts';
import { accountOnCommandLine } from './auth/bearer/account-caller.ts';
import { openPersonsOf, type PersonsOf } from './auth/bearer/own-persons.ts';
import { openCdsClients } from './auth/clients/cds-clients.ts';
import { openEhrs } from './auth/ehr/ehr-records.ts';
import { openEpoch } from './auth/epoch.ts';
import { openInterfaceAccounts } from './auth/interfaces/interface-accounts.ts';
import { openPageDoor } from './auth/page/page-door.ts';
import { openSeal, passingSeal } from './auth/secrets/key-file.ts';
import { openPasswords } from './auth/secrets/passwords.ts';
import { toAuthorization } from './auth/to-authorization.ts';
import { openUsers } from './auth/users/user-records.ts';
import type { Config } from './config.ts';
import { seenOf } from './interaction/audit/seen.ts';
import { openTell } from './interaction/audit/tell.ts';
import type { InteractionContext, ServerContext } from './interaction/context.ts';
import type { AdminKind, AdminRecords } from './pages/admin-records.ts';
import type { AuthPages } from './pages/auth-pages.ts';
import type { Store } from './store/contract/store.ts';
import type { LocalClock } from './values/clock.ts';
import type { PageDoor } from './web/site/page-door.ts';

type Parts = {
  readonly store: Store;
  readonly context: ServerContext;
  readonly contextFor: (caller: Caller) => InteractionContext;
  readonly pages: AuthPages;
  /** What Jenner's own app shows inside an EHR. */
  readonly ehrApp: NonNullable<AuthOptions['ehrApp']>;
};

type Doors = {
  readonly authorization: Authorization;
  /** By which messages are sent. */
  readonly accounts: InterfaceAccounts;
  /** Who asks by CDS Hooks. */
  readonly cdsClients: CdsClients;
  readonly pageDoor: PageDoor;
  readonly personsOf: PersonsOf;
  /** Whether an EHR of this FHIR base opens Jenner's app. */
  readonly isEhr: (iss: string) => Promise<boolean>;
  readonly admin: Readonly<Record<AdminKind, AdminRecords>>;
};

type AuditDoors = Pick<AuthOptions, 'auditTrail' | 'tell'>;

/** The authorization server of the settings, and how other doors know who asks; undefined where they ask for none. */
export function openAuthorization(config: Config, parts: Parts): Doors | undefined {
  if (config.auth === 'off') return undefined;
  const { publicUrl, allowPrivateJwks, parentUntilAge, department } = config;
  const { clock, searchParams: params, baseUrl } = parts.context;
  const server = openAuthServer({
    ...parts,
    settings: {
      publicUrl,
      allowPrivateJwks,
      parentUntilAge,
      department,
      upstream: upstreamOf(config),
      rates: { address: config.rateLimit, client: config.rateLimitClient, user: config.rateLimitUser },
    },
    clock,
    // What a store in memory has sealed ends with it.
    seal: config.store.kind === 'sqlite-memory' ? passingSeal() : openSeal(keyPlace(config)),
    passwords: openPasswords(),
    toCaller: (entitlement) => toCaller(entitlement, { params, baseUrl, ...momentOf(clock) }),
    ...auditOf(parts),
  });
  return {
    authorization: toAuthorization(server),
    accounts: openInterfaceAccounts(server, config.matching),
    cdsClients: openCdsClients(server),
    pageDoor: openPageDoor(server),
    personsOf: openPersonsOf(server),
    isEhr: async (iss) => (await openEhrs(parts.store).byIssuer(iss)) !== undefined,
    admin: { users: userAdmin(server), clients: clientAdmin(server) },
  };
}

/** Where it is told who saw what, and from where it is read again. */
export function auditOf({ context, contextFor }: Pick<Parts, 'context' | 'contextFor'>): AuditDoors {
  const { audit, clock } = context;
  if (!audit) return {};
  const system = contextFor({ kind: 'system', name: 'server' });
  return {
    auditTrail: (patient, after) => seenOf(system, patient, after),
    tell: openTell(audit, clock),
  };
}

/** Who acts on the command line as an account. */
export function commandLineAccount(
  { parentUntilAge, department, matching }: Config,
  system: InteractionContext,
  store: Store,
  login: string,
  program: string,
): Promise<InterfaceAccount> {
  const { searchParams: params, baseUrl, clock } = system;
  const port = {
    system,
    parentUntilAge,
    department,
    matching,
    users: openUsers(store, openEpoch(store)),
    toCaller: (entitlement: Entitlement) => toCaller(entitlement, { params, baseUrl, ...momentOf(clock) }),
  };
  return accountOnCommandLine(port, login, program);
}

function momentOf(clock: LocalClock) {
  return { now: clock.now(), today: clock.today() };
}

export function keyPlace({ keyFile, data }: Pick<Config, 'keyFile' | 'data'>) {
  return { file: keyFile, data };
}

function upstreamOf({ oidcIssuer, oidcClientId, oidcClientSecret, oidcName }: Config) {
  if (oidcIssuer === undefined || oidcClientId === undefined) return undefined;
  return { issuer: oidcIssuer, clientId: oidcClientId, clientSecret: oidcClientSecret, name: oidcName };
}

/** What the server is known by over https. */
export function readTls({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>): AppOptions['tls'] {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
}
