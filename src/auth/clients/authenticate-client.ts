import type { Form } from '../oauth/form.ts';
import { OAuthError } from '../oauth/oauth-error.ts';
import { hashSecret, isSameHash } from '../secrets/random-secret.ts';
import { type AssertionPort, claimedIssuer, clientByAssertion } from './assertion.ts';
import type { Client } from './client.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

type Sent = { readonly form: Form; readonly authorization: string | undefined };

/**
 * Who sends a request to the token endpoint: by assertion, by its secret (in the header or the form), or a public client by
 * its name alone. Throws `invalid_client`, with the same words whatever was wrong but for what the client itself has signed,
 * and for what is wrong with the form alone; `invalid_request` for several ways at once.
 */
export async function authenticateClient(port: AssertionPort, sent: Sent): Promise<Client> {
  const client = await findClient(port, sent);
  if (!client || client.disabled) throw unauthenticated('The client could not be authenticated');
  return client;
}

/** Which client a request says that it is of, be it true or not. */
export function claimedClient({ form, authorization }: Sent): string | undefined {
  const assertion = form.get('client_assertion');
  const basic = authorization === undefined ? undefined : parseBasic(authorization);
  return form.get('client_id') ?? basic?.id ?? (assertion && claimedIssuer(assertion));
}

async function findClient(port: AssertionPort, sent: Sent): Promise<Client | undefined> {
  const { form, authorization } = sent;
  const assertion = form.get('client_assertion') ?? form.get('client_assertion_type');
  if (assertion === undefined && authorization === undefined && form.get('client_id') === undefined) {
    throw unauthenticated('client_id, client_assertion or the header Authorization must say who asks');
  }
  // RFC 6749, 2.3 and 5.2: a client uses one way at a time.
  const ways = [assertion, authorization, form.get('client_secret')];
  if (ways.filter((way) => way !== undefined).length > 1) {
    throw new OAuthError('invalid_request', 'A client authenticates in one way at a time');
  }
  if (assertion !== undefined) return byAssertion(port, form);
  return authorization === undefined ? byForm(port, form) : byHeader(port, sent, authorization);
}

async function byForm(port: AssertionPort, form: Form): Promise<Client | undefined> {
  const id = form.get('client_id');
  const secret = form.get('client_secret');
  if (id === undefined) return undefined;
  if (secret !== undefined) return bySecret(port, { id, secret });
  const client = await port.readClient(id);
  return client?.kind === 'public' ? client : undefined;
}

async function byHeader(port: AssertionPort, { form }: Sent, header: string): Promise<Client | undefined> {
  const basic = parseBasic(header);
  const named = form.get('client_id') ?? basic?.id;
  return basic && named === basic.id ? bySecret(port, basic) : undefined;
}

async function byAssertion(port: AssertionPort, form: Form): Promise<Client | undefined> {
  const assertion = form.get('client_assertion');
  if (assertion === undefined) throw unauthenticated('client_assertion is missing');
  if (form.get('client_assertion_type') !== assertionType) {
    throw unauthenticated(`client_assertion_type must be ${assertionType}`);
  }
  const client = await clientByAssertion(port, assertion);
  if (client && 'fault' in client) throw unauthenticated(`client_assertion: ${client.fault}`);
  const named = form.get('client_id') ?? client?.id;
  return named === client?.id ? client : undefined;
}

function unauthenticated(text: string): OAuthError {
  return new OAuthError('invalid_client', text);
}

type Basic = { readonly id: string; readonly secret: string };

async function bySecret({ readClient }: AssertionPort, { id, secret }: Basic): Promise<Client | undefined> {
  const client = await readClient(id);
  const isKnown = client?.kind === 'secret' && client.secretHash !== undefined;
  return isKnown && isSameHash(hashSecret(secret), client.secretHash) ? client : undefined;
}

/** RFC 6749, 2.3.1: both are form-encoded before they are joined. */
function parseBasic(header: string): Basic | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)].map(formDecoded);
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
