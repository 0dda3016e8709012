import type { Dialect } from './dialect.ts';
import { type SoapNamespace, soapNamespaces } from './read-envelope.ts';

/** CDC's transport, its faults: the element in the Detail, the text that its Reason is fixed to, and a number. */
const faults = {
  unsupported: { element: 'UnsupportedOperationFault', reason: 'UnsupportedOperation', code: 10 },
  security: { element: 'SecurityFault', reason: 'Security', code: 20 },
  large: { element: 'MessageTooLargeFault', reason: 'MessageTooLarge', code: 30 },
  unknown: { element: 'fault', reason: 'The request could not be processed', code: 40 },
} as const;

export type FaultKind = keyof typeof faults;

const [soap12] = soapNamespaces;

/** One element of an edition, with one element of text in it. */
export function writeAnswer(soap: SoapNamespace, dialect: Dialect, names: Names, text: string): string {
  const { response, answer } = names;
  const body =
    `<r:${response} xmlns:r="${dialect.namespace}">` +
    `<r:${answer}>${escapeXml(text)}</r:${answer}></r:${response}>`;
  return envelope(soap, body);
}

type Names = { readonly response: string; readonly answer: string };

/** `isSenders`: what was sent is to be mended; else it may be sent again as it is. */
export type Fault = { readonly kind: FaultKind; readonly isSenders: boolean };

/** In which envelope and edition was asked: the answer is one of them. */
export type Spoken = { readonly soap: SoapNamespace; readonly namespace: string };

/** A fault, in the words of the edition of 2011, which all know, and the namespace of the one that was asked in. */
export function writeFault({ soap, namespace }: Spoken, { kind, isSenders }: Fault, detail: string): string {
  const { element, reason, code } = faults[kind];
  const told =
    `<r:${element} xmlns:r="${namespace}"><r:Code>${code}</r:Code><r:Reason>${reason}</r:Reason>` +
    `<r:Detail>${escapeXml(detail)}</r:Detail></r:${element}>`;
  const who = isSenders ? 'Sender' : 'Receiver';
  const text = escapeXml(detail);
  if (soap === soap12) {
    return envelope(
      soap,
      `<s:Fault><s:Code><s:Value>s:${who}</s:Value></s:Code>` +
        `<s:Reason><s:Text xml:lang="en">${text}</s:Text></s:Reason><s:Detail>${told}</s:Detail></s:Fault>`,
    );
  }
  const code11 = isSenders ? 'Client' : 'Server';
  return envelope(
    soap,
    `<s:Fault><faultcode>s:${code11}</faultcode><faultstring>${text}</faultstring><detail>${told}</detail></s:Fault>`,
  );
}

function envelope(soap: SoapNamespace, body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<s:Envelope xmlns:s="${soap}"><s:Body>${body}</s:Body></s:Envelope>`
  );
}

/** A CR is written as a reference: a reader of XML would make LF of it (XML 1.0, 2.11). What XML cannot hold is left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"\r]/g, (character) => references[character] ?? character);
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};
