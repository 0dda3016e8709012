import { parseXmlTree, type XmlNode } from '../../fhir/xml-tree.ts';
import { edition2011 } from '../soap/dialect.ts';
import { escapeXml } from '../soap/write-soap.ts';

/** Another registry that takes messages by CDC's SOAP. */
export type Destination = {
  readonly url: string;
  readonly login: string | undefined;
  readonly password: string | undefined;
  /** What that registry calls this one. */
  readonly facility: string | undefined;
};

export type Delivery =
  /** MSA-1, and the whole acknowledgement. */
  | { readonly kind: 'answered'; readonly code: string; readonly answer: string }
  /** The message is one that will never be taken. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nobody answered, or not now: it may be taken later. */
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Milliseconds in which an answer must come. */
const longestWait = 60_000;
const soap12 = 'http://www.w3.org/2003/05/soap-envelope';

/** Sends one message by `submitSingleMessage` (CDC's WSDL of 2011). */
export async function deliver(
  destination: Destination,
  message: string,
  signal: AbortSignal,
): Promise<Delivery> {
  try {
    const response = await fetch(destination.url, {
      method: 'POST',
      headers: {
        'content-type': `application/soap+xml; charset=utf-8; action="${edition2011.namespace}:submitSingleMessage"`,
      },
      body: toEnvelope(destination, message),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(longestWait)]),
    });
    return readDelivery(response.status, await response.text());
  } catch (thrown) {
    signal.throwIfAborted();
    return { kind: 'unreachable', reason: reasonOf(thrown) };
  }
}

function reasonOf(thrown: unknown): string {
  const { message, cause } = thrown as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function toEnvelope({ login, password, facility }: Destination, message: string): string {
  const member = (name: string, text: string | undefined) =>
    text === undefined ? '' : `<i:${name}>${escapeXml(text)}</i:${name}>`;
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${soap12}"><s:Body>` +
    `<i:submitSingleMessage xmlns:i="${edition2011.namespace}">` +
    member('username', login) +
    member('password', password) +
    member('facilityID', facility) +
    member('hl7Message', message) +
    '</i:submitSingleMessage></s:Body></s:Envelope>'
  );
}

/** What came back. Any answer that is no SOAP is of something in between. */
export function readDelivery(status: number, text: string): Delivery {
  const parsed = parseXmlTree(text);
  const body = parsed.ok ? child(parsed.root, 'Body') : undefined;
  const [first] = body?.children ?? [];
  if (!first) return { kind: 'unreachable', reason: `it answered ${status}, and no SOAP` };
  if (local(first) === 'Fault') return readFault(first);
  const answer = first.children.find((one) => local(one) === 'return')?.text ?? first.text;
  const code = /(?:^|[\r\n])MSA\|(AA|AE|AR)\b/.exec(answer)?.[1];
  if (code === undefined) return { kind: 'unreachable', reason: 'it answered no acknowledgement' };
  return { kind: 'answered', code, answer };
}

/** A message that is too large stays so; who may send is the operator's matter, and may be mended. */
function readFault(fault: XmlNode): Delivery {
  const text = textsOf(fault).join(' ').replace(/\s+/g, ' ').trim().slice(0, 500);
  const isTooLarge = namesOf(fault).includes('MessageTooLargeFault');
  return { kind: isTooLarge ? 'refused' : 'unreachable', reason: `it answered with a fault: ${text}` };
}

const local = ({ name }: XmlNode): string => name.slice(name.indexOf(':') + 1);
const child = (node: XmlNode, name: string): XmlNode | undefined =>
  node.children.find((one) => local(one) === name);
const textsOf = (node: XmlNode): readonly string[] => [node.text, ...node.children.flatMap(textsOf)];
const namesOf = (node: XmlNode): readonly string[] => [local(node), ...node.children.flatMap(namesOf)];
