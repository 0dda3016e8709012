import { parseXmlTree, type XmlNode } from '../../fhir/xml-tree.ts';
import type { Credentials } from '../door/require-account.ts';
import { type Dialect, dialects, edition2011 } from './dialect.ts';

/** The namespaces of SOAP envelopes, 1.2 and 1.1: who sends the older one is answered in it. */
export const soapNamespaces = [
  'http://www.w3.org/2003/05/soap-envelope',
  'http://schemas.xmlsoap.org/soap/envelope/',
] as const;
export type SoapNamespace = (typeof soapNamespaces)[number];

const securityNamespace = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';

export type Envelope = {
  readonly soap: SoapNamespace;
  /** Of the edition that was asked in; that of 2011 where it is none. */
  readonly namespace: string;
  readonly request:
    | {
        readonly kind: 'submit';
        readonly dialect: Dialect;
        readonly message: string;
        readonly facility?: string;
      }
    | { readonly kind: 'test'; readonly dialect: Dialect; readonly echo: string }
    | { readonly kind: 'unknown'; readonly name: string };
  /** Of the request, or of a UsernameToken (WS-Security). */
  readonly credentials?: Credentials;
};

/** A SOAP message; what is wrong with it where it is none. */
export function readEnvelope(
  text: string,
): Envelope | { readonly kind: 'unreadable'; readonly reason: string } {
  const parsed = parseXmlTree(text);
  if (!parsed.ok) return { kind: 'unreadable', reason: parsed.message };
  const { root } = parsed;
  const soap = soapNamespaces.find((one) => one === root.namespace);
  const body = childOf(root, 'Body');
  const [asked] = body?.children ?? [];
  if (localName(root) !== 'Envelope' || soap === undefined || !asked) {
    return {
      kind: 'unreadable',
      reason: 'an Envelope of SOAP 1.2 with one element in its Body was expected',
    };
  }
  const credentials = credentialsIn(asked) ?? usernameToken(root);
  const namespace = isEdition(asked.namespace) ? asked.namespace : edition2011.namespace;
  return { soap, namespace, request: readRequest(asked), ...(credentials && { credentials }) };
}

const isEdition = (sent: string): boolean => dialects.some(({ namespace }) => namespace === sent);

/** Clients of 2014 send the names of 2011 too, and in another case: what is meant is clear, and answered as it was asked. */
function readRequest(asked: XmlNode): Envelope['request'] {
  const name = localName(asked);
  const isAsked = (wanted: string) => wanted.toLowerCase() === name.toLowerCase();
  const dialect = dialects.find(({ submit, test }) => isAsked(submit.request) || isAsked(test.request));
  if (!isEdition(asked.namespace) || !dialect) return { kind: 'unknown', name };
  const spoken = { ...dialect, namespace: asked.namespace };
  if (isAsked(dialect.test.request)) {
    return { kind: 'test', dialect: spoken, echo: textIn(asked, dialect.test.echo) ?? '' };
  }
  const facility = textIn(asked, 'facilityID');
  const message = textIn(asked, dialect.submit.message) ?? '';
  return { kind: 'submit', dialect: spoken, message, ...(facility && { facility }) };
}

function credentialsIn(asked: XmlNode): Credentials | undefined {
  const login = textIn(asked, 'username');
  return login ? { login, password: textIn(asked, 'password') ?? '' } : undefined;
}

/** WS-Security UsernameToken Profile 1.1, PasswordText: a digest could only be checked by who keeps passwords. */
function usernameToken(root: XmlNode): Credentials | undefined {
  const security = childOf(root, 'Header')?.children.find(({ namespace }) => namespace === securityNamespace);
  const token = security && childOf(security, 'UsernameToken');
  const login = token && textIn(token, 'Username');
  const password = token && childOf(token, 'Password');
  const isDigest = password?.attributes.get('Type')?.endsWith('#PasswordDigest') === true;
  return login && !isDigest ? { login: login.trim(), password: password?.text ?? '' } : undefined;
}

function textIn(parent: XmlNode, name: string): string | undefined {
  return childOf(parent, name)?.text;
}

function childOf(parent: XmlNode, name: string): XmlNode | undefined {
  const wanted = name.toLowerCase();
  return parent.children.find((child) => localName(child).toLowerCase() === wanted);
}

function localName({ name }: XmlNode): string {
  return name.slice(name.indexOf(':') + 1);
}
