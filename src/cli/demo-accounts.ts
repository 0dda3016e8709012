import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import type { Client } from '../auth/clients/client.ts';
import { openClients } from '../auth/clients/client-records.ts';
import { type ClientInput, newClient } from '../auth/clients/register-client.ts';
import type { Epoch } from '../auth/epoch.ts';
import type { Passwords } from '../auth/secrets/passwords.ts';
import { hashSecret, newSecret } from '../auth/secrets/random-secret.ts';
import { newUser, passwordFor, type UserInput } from '../auth/users/register-user.ts';
import { openUsers } from '../auth/users/user-records.ts';
import { type DemoFamily, demoFamily } from '../demo/family.ts';
import { listNotablePeople } from '../demo/generate-registry.ts';
import type { Store } from '../store/contract/store.ts';
import type { LocalClock } from '../values/clock.ts';

/** Who can sign in to the demo; the password is random and lasts as long as the demo. */
export type DemoUser = {
  readonly login: string;
  readonly password: string;
  readonly role: string;
  readonly fhirUser?: string;
};

/** An app of the demo with all that it takes to be that app. */
export type DemoClient = {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly kind: string;
  readonly name: string;
  readonly redirect?: string;
  readonly scope: string;
  /** The private key of an app that signs. */
  readonly jwk?: JsonWebKey;
};

export type DemoAccounts = {
  readonly users: readonly DemoUser[];
  readonly clients: Readonly<Record<'sample' | 'confidential' | 'backend' | 'ehr', DemoClient>>;
};

export type DemoAccountsPort = {
  readonly store: Store;
  readonly epoch: Epoch;
  readonly clock: LocalClock;
  readonly passwords: Passwords;
  readonly publicUrl: string;
  readonly people: number;
};

/** Whose clinicians sign in to the demo. */
export const demoClinic = 'demo-o-0001';
const school = 'demo-o-school';
/** Whose EHR reports by HL7 v2, and by which account. */
const otherClinic = 'demo-o-0002';
export const demoInterface = 'interface';
/** A reporter whose messages lack much. */
export const carelessInterface = 'careless';

/** Accounts and apps for everything that the demo shows; who is a person of the registry is there only with them. */
export async function addDemoAccounts(port: DemoAccountsPort): Promise<DemoAccounts> {
  const users: DemoUser[] = [];
  for (const [login, input] of accountsFor(port)) users.push(await addUser(port, login, input));
  return { users, clients: await addClients(port) };
}

function accountsFor({ people, clock }: DemoAccountsPort): readonly (readonly [string, UserInput])[] {
  const asOf = clock.today();
  const adult = listNotablePeople().findIndex(({ slug }) => slug === 'traveller');
  const patient = adult < people ? listNotablePeople()[adult]?.id : undefined;
  const childrenOf = (family: DemoFamily) =>
    demoFamily({ seed: 1, people, asOf, mode: 'demo' }, family).map(({ id = '' }) => id);
  const answering = (login: string, family: DemoFamily) => {
    const relatedPerson = childrenOf(family);
    return relatedPerson.length === 0 ? [] : [[login, { role: 'individual', relatedPerson }] as const];
  };
  return [
    ...(patient === undefined ? [] : [['patient', { role: 'individual', patient }] as const]),
    ...answering('parent', 'twins'),
    ...answering('mother', 'late'),
    ['clinician', { role: 'clinician', practitioner: 'demo-d-0001', organization: [demoClinic] }],
    ['coordinator', { role: 'vaccine-coordinator', organization: [demoClinic] }],
    ['nurse', { role: 'school-nurse', organization: [school] }],
    ['clerk', { role: 'programme-staff' }],
    ['administrator', { role: 'administrator' }],
    ['auditor', { role: 'auditor' }],
    [demoInterface, { role: 'interface', organization: [otherClinic], matching: 'automatic' }],
    [carelessInterface, { role: 'interface', organization: [otherClinic], matching: 'review' }],
  ];
}

async function addUser(
  { store, epoch, clock, passwords }: DemoAccountsPort,
  login: string,
  input: UserInput,
): Promise<DemoUser> {
  const user = newUser(login, input, clock);
  const { hash, made = '' } = await passwordFor(login, undefined, passwords);
  await openUsers(store, epoch).add({ ...user, passwordHash: hash });
  return { login, password: made, role: user.role, ...(user.fhirUser && { fhirUser: user.fhirUser }) };
}

const identityScopes = 'openid fhirUser profile offline_access online_access';
const appScopes = `launch launch/patient launch/encounter ${identityScopes} patient/*.cruds user/*.cruds`;

async function addClients(port: DemoAccountsPort): Promise<DemoAccounts['clients']> {
  const redirect = `${port.publicUrl}/demo/app/`;
  const app = { redirect: [redirect], launch: `${port.publicUrl}/demo/app/launch`, scope: appScopes };
  return {
    sample: await addClient(port, { ...app, name: 'Sample app', kind: 'public' }),
    confidential: await addClient(port, { ...app, name: 'Sample app with a secret', kind: 'secret' }),
    backend: await addClient(port, { name: 'Sample backend', kind: 'key', scope: 'system/*.cruds' }),
    ehr: await addClient(port, {
      name: 'Harborview EHR',
      kind: 'key',
      organization: demoClinic,
      scope: 'https://jenner-iis.org/scope/launch',
    }),
  };
}

async function addClient({ store, epoch, clock }: DemoAccountsPort, input: ClientInput): Promise<DemoClient> {
  const secret = input.kind === 'secret' ? newSecret() : undefined;
  const keys = input.kind === 'key' ? makeKeys() : undefined;
  const client = newClient(
    {
      ...input,
      ...(secret !== undefined && { secretHash: hashSecret(secret) }),
      ...(keys && { jwks: JSON.stringify({ keys: [keys.publicKey] }) }),
    },
    clock,
  );
  await openClients(store, epoch).add(client);
  return toDemoClient(client, secret, keys?.privateKey);
}

function toDemoClient(
  { id, name, kind, redirects: [redirect], scope }: Client,
  secret: string | undefined,
  jwk: JsonWebKey | undefined,
): DemoClient {
  return {
    client_id: id,
    ...(secret !== undefined && { client_secret: secret }),
    kind,
    name,
    ...(redirect !== undefined && { redirect }),
    scope,
    ...(jwk && { jwk }),
  };
}

/** RFC 7517, for ES384. */
function makeKeys(): { readonly publicKey: JsonWebKey; readonly privateKey: JsonWebKey } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const facts = { kid: 'demo', alg: 'ES384' };
  return {
    publicKey: { ...pair.publicKey.export({ format: 'jwk' }), ...facts, use: 'sig' },
    privateKey: { ...pair.privateKey.export({ format: 'jwk' }), ...facts },
  };
}
