import { readFileSync } from 'node:fs';
import type { Client } from '../auth/clients/client.ts';
import type { Clients } from '../auth/clients/client-records.ts';
import { idlenessOfClient } from '../auth/clients/idle-client.ts';
import { type ClientInput, changeClient, newClient } from '../auth/clients/register-client.ts';
import { hashSecret, newSecret } from '../auth/secrets/random-secret.ts';
import type { Clock } from '../values/clock.ts';
import { OperatorError } from '../values/operator-error.ts';

export type ClientCommand = {
  readonly clients: Clients;
  readonly clock: Clock;
  /** Told what an app lacks. */
  readonly warn: (text: string) => void;
  readonly json: boolean;
  readonly output: { readonly write: (text: string) => unknown };
};

/** As the command line has it: `jwks` names a file. */
export type ClientOptions = Omit<ClientInput, 'secretHash'> & { readonly newSecret?: boolean };

/** `jenner client add`: a secret is shown here and never again. */
export async function addClient(command: ClientCommand, options: ClientOptions): Promise<number> {
  const secret = options.kind === 'secret' ? newSecret() : undefined;
  const client = newClient(toInput(options, secret), command.clock);
  await requireOwnIssuer(command, client.id, options);
  await command.clients.add(client);
  show(command, `added client ${client.id} (${client.name})`, client, secret);
  return 0;
}

export async function listClients({ clients, json, output }: ClientCommand): Promise<number> {
  const all = await clients.list();
  if (json) output.write(`${JSON.stringify(all.map((client) => toShown(client)))}\n`);
  else output.write(`${[...all.map(lineOf), `${all.length} clients`].join('\n')}\n`);
  return 0;
}

/** What was granted to it already is held against the new registration from its next use on. */
export async function changeOneClient(
  command: ClientCommand,
  id: string,
  options: ClientOptions,
): Promise<number> {
  const secret = options.newSecret === true ? newSecret() : undefined;
  const input = toInput(options, secret);
  await requireOwnIssuer(command, id, options);
  const changed = await command.clients.change(id, (client) => {
    const next = changeClient(client, input);
    return next.disabled && !client.disabled ? { ...next, tokensFrom: command.clock.now() } : next;
  });
  if (!changed) throw new OperatorError(`there is no client ${id}: jenner client list shows them`);
  show(command, `changed client ${id} (${changed.name})`, changed, secret);
  return 0;
}

/** All that was granted to it ends. */
export async function removeClient({ clients, json, output }: ClientCommand, id: string): Promise<number> {
  if (!(await clients.remove(id))) {
    throw new OperatorError(`there is no client ${id}: jenner client list shows them`);
  }
  output.write(json ? `${JSON.stringify({ client_id: id, removed: true })}\n` : `removed client ${id}\n`);
  return 0;
}

/** By the `iss` of a JWT one app is meant. */
async function requireOwnIssuer(
  { clients }: ClientCommand,
  id: string,
  { cdsIssuer }: ClientOptions,
): Promise<void> {
  if (cdsIssuer === undefined) return;
  const other = (await clients.list()).find((one) => one.cdsIssuer === cdsIssuer && one.id !== id);
  if (other)
    throw new OperatorError(`--cds-issuer ${cdsIssuer}: client ${other.id} (${other.name}) has it already`);
}

function toInput({ newSecret: _, jwks, ...options }: ClientOptions, secret: string | undefined): ClientInput {
  return {
    ...options,
    ...(jwks !== undefined && { jwks: readFileSync(jwks, 'utf8') }),
    ...(secret !== undefined && { secretHash: hashSecret(secret) }),
  };
}

function show({ json, output, warn }: ClientCommand, line: string, client: Client, secret?: string): void {
  const idle = client.disabled ? undefined : idlenessOfClient(client);
  if (idle !== undefined) warn(`${client.name} can do nothing: ${idle}`);
  if (json) {
    output.write(`${JSON.stringify(toShown(client, secret))}\n`);
    return;
  }
  output.write(`${line}\n`);
  if (secret !== undefined) output.write(`secret, shown this once: ${secret}\n`);
}

/** RFC 7591's names where it has one. */
function toShown(client: Client, secret?: string): object {
  const {
    id,
    name,
    kind,
    redirects,
    launchUrl,
    scope,
    jwksUrl,
    groups,
    organization,
    matching,
    trust,
    cdsIssuer,
    cdsServer,
    disabled,
  } = client;
  return {
    client_id: id,
    ...(secret !== undefined && { client_secret: secret }),
    name,
    kind,
    redirect: redirects,
    ...(launchUrl !== undefined && { launch: launchUrl }),
    scope,
    ...(jwksUrl !== undefined && { jwks_uri: jwksUrl }),
    ...(groups.length > 0 && { group: groups }),
    ...(organization !== undefined && { organization }),
    ...(matching !== undefined && { matching }),
    ...(trust !== undefined && { trust }),
    ...(cdsIssuer !== undefined && { cds_issuer: cdsIssuer }),
    ...(cdsServer !== undefined && { cds_fhir_server: cdsServer }),
    disabled: disabled === true,
  };
}

function lineOf({ id, name, kind, scope, organization, disabled }: Client): string {
  const works = organization === undefined ? '' : `  of ${organization}`;
  return `${id}  ${kind}  ${name}${works}${disabled ? '  disabled' : ''}  ${scope}`;
}
