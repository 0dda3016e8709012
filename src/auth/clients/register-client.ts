import { parseScopes } from '../../access/scope.ts';
import type { Clock } from '../../values/clock.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import { OperatorError } from '../../values/operator-error.ts';
import { parseResourceId } from '../../values/resource-id.ts';
import { mostTrust, parseTrust } from '../../values/trust.ts';
import { newPublicId } from '../secrets/random-secret.ts';
import { type Client, type ClientKind, redirectFault } from './client.ts';
import { parseJwks } from './jwks.ts';

/** What an operator says of an app; what is absent is left as it is. */
export type ClientInput = {
  readonly name?: string;
  readonly kind?: ClientKind;
  readonly redirect?: readonly string[];
  readonly launch?: string;
  readonly scope?: string;
  readonly jwksUrl?: string;
  /** The text of a JWKS. */
  readonly jwks?: string;
  readonly group?: readonly string[];
  readonly organization?: string;
  readonly matching?: MatchingMode;
  /** What its JWTs of CDS Hooks have as `iss`. */
  readonly cdsIssuer?: string;
  /** The FHIR base of its data. */
  readonly cdsFhirServer?: string;
  /** A digit. */
  readonly trust?: string;
  readonly disabled?: boolean;
  /** Of a new secret. */
  readonly secretHash?: string;
};

export function newClient(input: ClientInput, clock: Clock): Client {
  const { name, kind } = input;
  if (name === undefined || kind === undefined) throw new OperatorError('a client has a name and a kind');
  const empty: Client = {
    id: newPublicId(),
    name,
    kind,
    created: clock.now(),
    redirects: [],
    scope: '',
    groups: [],
  };
  return changeClient(empty, input);
}

/** Throws an OperatorError that names what is wrong. */
export function changeClient(client: Client, input: ClientInput): Client {
  const { name, kind, redirect, launch, scope, group, organization, matching, trust, disabled, secretHash } =
    input;
  const { disabled: was, ...rest } = client;
  const isDisabled = disabled ?? was === true;
  const changed: Client = {
    ...withoutProof(rest, input),
    ...(name !== undefined && { name: requireName(name) }),
    ...(kind !== undefined && { kind }),
    ...(redirect !== undefined && { redirects: redirect.map((url) => requireUrl('--redirect', url)) }),
    ...(launch !== undefined && { launchUrl: requireUrl('--launch', launch) }),
    ...(scope !== undefined && { scope: requireScopes(scope) }),
    ...(group !== undefined && { groups: group.map(requireId) }),
    ...(organization !== undefined && { organization: requireId(organization) }),
    ...(matching !== undefined && { matching }),
    ...(trust !== undefined && { trust: requireTrust(trust) }),
    ...cdsOf(input),
    ...keysOf(input),
    ...(secretHash !== undefined && { secretHash }),
    ...(isDisabled && { disabled: true }),
  };
  requireWhole(changed);
  return changed;
}

/** What the client was known by, where it is to be known by something else. */
function withoutProof(client: Client, { kind = client.kind, jwks, jwksUrl }: ClientInput): Client {
  const { secretHash, jwks: wasJwks, jwksUrl: wasUrl, ...rest } = client;
  const isNew = jwks !== undefined || jwksUrl !== undefined;
  return {
    ...rest,
    ...(kind === 'secret' && secretHash !== undefined && { secretHash }),
    ...(kind === 'key' && !isNew && wasJwks && { jwks: wasJwks }),
    ...(kind === 'key' && !isNew && wasUrl !== undefined && { jwksUrl: wasUrl }),
  };
}

/** The EHR's own URLs, as it writes them: `iss` is compared letter by letter. */
function cdsOf({ cdsIssuer, cdsFhirServer }: ClientInput): Pick<Client, 'cdsIssuer' | 'cdsServer'> {
  return {
    ...(cdsIssuer !== undefined && {
      cdsIssuer: requireHttp('--cds-issuer', cdsIssuer, "as the EHR's JWTs have it in iss"),
    }),
    ...(cdsFhirServer !== undefined && {
      cdsServer: requireHttp('--cds-fhir-server', cdsFhirServer, 'as the EHR sends it in fhirServer'),
    }),
  };
}

function requireHttp(option: string, url: string, as: string): string {
  const isUrl = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (isUrl && url.length <= 500) return url;
  throw new OperatorError(`${option} ${url}: a URL was expected, ${as}`);
}

function requireWhole(client: Client): void {
  requireCdsWhole(client);
  const { kind, jwks, jwksUrl, secretHash } = client;
  const hasKeys = jwks !== undefined || jwksUrl !== undefined;
  if (kind === 'key' && !hasKeys) throw new OperatorError('--kind key needs --jwks-url or --jwks');
  if (kind !== 'key' && hasKeys) throw new OperatorError('--jwks-url and --jwks are for --kind key');
  if (kind === 'secret' && secretHash === undefined) {
    throw new OperatorError('--kind secret needs a secret: add --new-secret');
  }
  if (kind !== 'secret' && secretHash !== undefined) throw new OperatorError('a secret is for --kind secret');
}

function keysOf({ jwks, jwksUrl }: ClientInput): Pick<Client, 'jwks' | 'jwksUrl'> {
  if (jwks !== undefined && jwksUrl !== undefined) {
    throw new OperatorError('either --jwks-url or --jwks, not both');
  }
  if (jwksUrl !== undefined) {
    const isHttp = URL.canParse(jwksUrl) && /^https?:$/.test(new URL(jwksUrl).protocol);
    if (!isHttp) throw new OperatorError(`--jwks-url ${jwksUrl}: an https URL was expected`);
    return { jwksUrl };
  }
  if (jwks === undefined) return {};
  const parsed = parseJwks(parseJson(jwks));
  if ('fault' in parsed) throw new OperatorError(`--jwks: ${parsed.fault}`);
  return { jwks: parsed };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OperatorError('--jwks: the file is not JSON', { cause });
  }
}

function requireName(name: string): string {
  const isShown = name.trim() !== '' && name.length <= 100 && !/\p{Cc}/u.test(name);
  if (!isShown) throw new OperatorError('--name: 1 to 100 characters were expected');
  return name.trim();
}

function requireTrust(text: string): number {
  const trust = parseTrust(text);
  if (trust === undefined)
    throw new OperatorError(`--trust ${text}: a number from 0 to ${mostTrust} was expected`);
  return trust;
}

function requireUrl(option: string, url: string): string {
  const fault = redirectFault(url);
  if (fault !== undefined) throw new OperatorError(`${option} ${url}: ${fault}`);
  return url;
}

function requireScopes(text: string): string {
  const asked = text.split(/\s+/).filter((each) => each !== '');
  const known = new Set(parseScopes(asked.join(' '))?.map((scope) => scope.text));
  const unknown = asked.find((each) => !known.has(each));
  if (unknown !== undefined)
    throw new OperatorError(`--scope: ${unknown} is no scope that this server knows`);
  return asked.join(' ');
}

function requireId(id: string): string {
  if (parseResourceId(id) === undefined) throw new OperatorError(`${id}: the id of a resource was expected`);
  return id;
}

function requireCdsWhole({ kind, cdsIssuer, cdsServer }: Client): void {
  if (cdsIssuer !== undefined && kind !== 'key') throw new OperatorError('--cds-issuer is for --kind key');
  if (cdsServer !== undefined && cdsIssuer === undefined) {
    throw new OperatorError('--cds-fhir-server is for --cds-issuer');
  }
}
