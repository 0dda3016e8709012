import type {
  AdminBy,
  AdminExtra,
  AdminOutcome,
  AdminRecords,
  AdminRow,
  AdminTarget,
} from '../../pages/admin-records.ts';
import { type MatchingMode, matchingModes } from '../../values/matching-mode.ts';
import { OperatorError } from '../../values/operator-error.ts';
import type { AuthServer } from '../auth-server.ts';
import { type Client, clientKinds } from '../clients/client.ts';
import { idlenessOfClient } from '../clients/idle-client.ts';
import { type ClientInput, changeClient, newClient } from '../clients/register-client.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import {
  faultsIn,
  linesOf,
  requireAdministrator,
  tellAdministration,
  typed,
  versionOf,
} from './administration.ts';

/** The apps, as `jenner client` keeps them. */
export function clientAdmin(server: AuthServer): AdminRecords {
  const { clients } = server;
  return {
    list: async () => (await clients.list()).map(toRow),
    read: async (id) => {
      const client = await clients.read(id);
      return client && toRow(client);
    },
    add: (by, values, extra) => addClient(server, by, values, extra),
    change: (by, target, values, extra) => changeOne(server, { by, target }, values, extra),
  };
}

function toRow(client: Client): AdminRow {
  const values = {
    name: client.name,
    kind: client.kind,
    redirect: client.redirects.join('\n'),
    launch: client.launchUrl ?? '',
    scope: client.scope.split(' ').join('\n'),
    jwksUrl: client.jwksUrl ?? '',
    jwks: '',
    group: client.groups.join('\n'),
    organization: client.organization ?? '',
    matching: client.matching ?? '',
    trust: client.trust === undefined ? '' : String(client.trust),
  };
  const isDisabled = client.disabled === true;
  return {
    id: client.id,
    version: versionOf(values, isDisabled),
    values,
    isDisabled,
    isIdle: idlenessOfClient(client) !== undefined,
  };
}

function partsOf(values: AdminRow['values']): Readonly<Record<string, () => ClientInput>> {
  const text = (name: string) => typed(values[name]);
  const optional = (name: 'launch' | 'jwksUrl' | 'jwks' | 'organization' | 'trust') => () => {
    const value = text(name);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    name: () => ({ name: text('name') ?? '' }),
    kind: () => ({ kind: requireOf(clientKinds, text('kind')) }),
    redirect: () => ({ redirect: linesOf(values['redirect']) }),
    launch: optional('launch'),
    scope: () => ({ scope: linesOf(values['scope']).join(' ') }),
    jwksUrl: optional('jwksUrl'),
    jwks: optional('jwks'),
    group: () => ({ group: linesOf(values['group']) }),
    organization: optional('organization'),
    matching: () => {
      const mode = text('matching');
      return mode === undefined ? {} : { matching: requireOf<MatchingMode>(matchingModes, mode) };
    },
    trust: optional('trust'),
  };
}

function requireOf<Value extends string>(values: readonly Value[], text: string | undefined): Value {
  const found = values.find((value) => value === text);
  if (found === undefined) throw new OperatorError(`${text}: one of ${values.join(', ')} was expected`);
  return found;
}

function inputOf(values: AdminRow['values']): ClientInput {
  return Object.assign({}, ...Object.values(partsOf(values)).map((part) => part())) as ClientInput;
}

/** An app without what the form has; its keys stay until others are given. */
function bare({ launchUrl: _, organization: __, matching: ___, trust: ____, ...kept }: Client): Client {
  return { ...kept, redirects: [], scope: '', groups: [] };
}

function faultsOf({ clock }: AuthServer, values: AdminRow['values']): readonly string[] {
  const blank = newClient({ name: 'App', kind: 'public' }, clock);
  const tries = Object.entries(partsOf(values)).map(([name, part]) => {
    const isOfKeys = name === 'jwks' || name === 'jwksUrl';
    if (name === 'kind') return [name, part] as const;
    const isGiven = typed(values[name]) !== undefined;
    const attempt = () => changeClient(blank, { ...part(), ...(isOfKeys && isGiven && { kind: 'key' }) });
    return [name, attempt] as const;
  });
  return faultsIn(Object.fromEntries(tries));
}

const toldFields = (values: AdminRow['values'], { isDisabled, renews }: AdminExtra) => ({
  kind: values['kind'],
  scope: values['scope'],
  group: values['group'],
  organization: values['organization'],
  ...(isDisabled && { disabled: 'yes' }),
  ...(renews && { secret: 'new' }),
});

async function addClient(
  server: AuthServer,
  by: AdminBy,
  values: AdminRow['values'],
  extra: AdminExtra,
): Promise<AdminOutcome> {
  const user = await requireAdministrator(server, by);
  const faults = faultsOf(server, values);
  if (faults.length > 0) return { kind: 'faults', faults };
  const secret = values['kind'] === 'secret' ? newSecret() : undefined;
  const made = whole(() => newClient({ ...inputOf(values), ...withSecret(secret) }, server.clock));
  if (!made) return { kind: 'faults', faults: ['keys'] };
  const client = extra.isDisabled ? changeClient(made, { disabled: true }) : made;
  const told = toldFields(values, extra);
  await tellAdministration(
    server,
    { user, from: by.from },
    { words: `client add ${client.id}`, told, outcome: 0 },
  );
  await server.clients.add(client);
  return { kind: 'done', id: client.id, ...(secret !== undefined && { secret }) };
}

function withSecret(secret: string | undefined): Pick<ClientInput, 'secretHash'> {
  return secret === undefined ? {} : { secretHash: hashSecret(secret) };
}

/** Undefined where the parts do not go together: a kind without its keys, or keys of another kind. */
function whole(make: () => Client): Client | undefined {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof OperatorError) return undefined;
    throw thrown;
  }
}

async function changeOne(
  server: AuthServer,
  { by, target }: { readonly by: AdminBy; readonly target: AdminTarget },
  values: AdminRow['values'],
  extra: AdminExtra,
): Promise<AdminOutcome> {
  const user = await requireAdministrator(server, by);
  const client = await server.clients.read(target.id);
  if (!client) return { kind: 'nothing' };
  const faults = faultsOf(server, values);
  if (faults.length > 0) return { kind: 'faults', faults };
  const isSecret = values['kind'] === 'secret';
  const secret = isSecret && (extra.renews || client.secretHash === undefined) ? newSecret() : undefined;
  const input = { ...inputOf(values), ...withSecret(secret), disabled: extra.isDisabled };
  if (!whole(() => changeClient(bare(client), input))) return { kind: 'faults', faults: ['keys'] };
  const who = { user, from: by.from };
  const words = `client change ${client.id}`;
  await tellAdministration(server, who, { words, told: toldFields(values, extra), outcome: 0 });
  const seen = { isStale: false };
  await server.clients.change(client.id, (present) => {
    seen.isStale = toRow(present).version !== target.version;
    if (seen.isStale) return present;
    const next = changeClient(bare(present), input);
    return next.disabled && !present.disabled ? { ...next, tokensFrom: server.clock.now() } : next;
  });
  if (!seen.isStale) return { kind: 'done', id: client.id, ...(secret !== undefined && { secret }) };
  await tellAdministration(server, who, { words, told: {}, outcome: 4 });
  return { kind: 'changed' };
}
