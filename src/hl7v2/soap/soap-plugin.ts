import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { InterfaceAccount, InterfaceAccounts } from '../../access/interface-account.ts';
import { Problem } from '../../fhir/problem.ts';
import type { AnswerMessage } from '../arrival.ts';
import { maxMessage } from '../door/hl7v2-plugin.ts';
import { basicOf, requireAccount } from '../door/require-account.ts';
import { edition2011 } from './dialect.ts';
import { type Envelope, readEnvelope, type SoapNamespace, soapNamespaces } from './read-envelope.ts';
import { type Fault, type FaultKind, type Spoken, writeAnswer, writeFault } from './write-soap.ts';
import { writeWsdl } from './write-wsdl.ts';

export type SoapPluginOptions = {
  readonly answer: AnswerMessage;
  readonly accounts?: InterfaceAccounts | undefined;
  /** What clients see, without a trailing slash. */
  readonly publicUrl: string;
};

const url = '/soap/cdc';
const [soap12] = soapNamespaces;

/** What is answered in before it is known what was asked in. */
const unasked: Spoken = { soap: soap12, namespace: edition2011.namespace };

const xmlTypes = ['application/soap+xml', 'text/xml', 'application/xml'];

/** XML holds a message with references in place of its CR, & and <. */
const maxEnvelope = 2 * maxMessage;

class SoapFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** CDC's SOAP transport (SOAP 1.2, document/literal), editions of 2011 and 2014. `GET` answers the WSDL. */
export async function soapPlugin(app: FastifyInstance, options: SoapPluginOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(xmlTypes, { parseAs: 'buffer', bodyLimit: maxEnvelope }, (_request, body, done) =>
    done(null, body),
  );
  app.addContentTypeParser('*', (_request, _body, done) =>
    done(new SoapFault('unknown', `SOAP is ${xmlTypes.join(', ')} (Content-Type)`)),
  );
  app.setErrorHandler((thrown: Error, request, reply) => sendFault(request, reply, unasked, thrown));
  app.get(url, (_request, reply) =>
    reply.type('text/xml; charset=utf-8').send(writeWsdl(options.publicUrl + url)),
  );
  app.post(url, async (request, reply) => {
    const envelope = requireEnvelope(request);
    try {
      return sendXml(reply, envelope.soap, await answerEnvelope(envelope, options, request, reply));
    } catch (thrown) {
      return sendFault(request, reply, envelope, thrown);
    }
  });
}

function requireEnvelope({ body }: FastifyRequest): Envelope {
  if (!Buffer.isBuffer(body) || !isUtf8(body))
    throw new SoapFault('unknown', 'The body is not well-formed UTF-8');
  const envelope = readEnvelope(body.toString('utf8').replace(/^\ufeff/, ''));
  if ('kind' in envelope) throw new SoapFault('unknown', envelope.reason);
  return envelope;
}

async function answerEnvelope(
  envelope: Envelope,
  options: SoapPluginOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const { soap, request: asked } = envelope;
  switch (asked.kind) {
    case 'unknown':
      throw new SoapFault('unsupported', `There is no operation ${asked.name.slice(0, 100)}`);
    case 'test': {
      const { dialect, echo } = asked;
      return writeAnswer(soap, dialect, dialect.test, `Jenner answers: ${echo}`);
    }
    case 'submit': {
      const { dialect, message, facility } = asked;
      requireOneMessage(message);
      const account = await requireSender(envelope, options, request, reply);
      const answered = await options.answer({
        account,
        bytes: Buffer.from(message, 'utf8'),
        charset: 'utf-8',
        facility,
        from: request.ip,
      });
      return writeAnswer(soap, dialect, dialect.submit, answered);
    }
  }
}

/** The transport has a fault of its own for what is more than one message. */
function requireOneMessage(message: string): void {
  if (
    (message.match(/(?:^|[\r\n])MSH[^\w\s]/g) ?? []).length > 1 ||
    /(?:^|[\r\n])[FB]HS[^\w\s]/.test(message)
  ) {
    throw new SoapFault('large', 'One message was expected, and there are several, or a batch');
  }
  if (message.length > maxMessage) {
    throw new SoapFault('large', `A message may have ${maxMessage / 1024 / 1024} MiB`);
  }
}

/** Who is not known gets a SecurityFault, and no message. */
async function requireSender(
  { credentials }: Envelope,
  { accounts }: SoapPluginOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<InterfaceAccount> {
  try {
    const sent = credentials ?? basicOf(request.headers.authorization);
    return await requireAccount(accounts, request, reply, sent);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.status >= 500) throw thrown;
    throw new SoapFault('security', thrown.message);
  }
}

/** SOAP 1.2 part 2, 7.5.2.2: a fault of the sender is 400, any other 500; SOAP 1.1, 6.2: always 500. */
function sendFault(
  request: FastifyRequest,
  reply: FastifyReply,
  spoken: Spoken,
  thrown: unknown,
): FastifyReply {
  const { text, ...fault } = faultOf(thrown);
  if (!fault.isSenders && !(thrown instanceof Problem)) {
    request.log.error({ reqId: request.id, err: thrown }, 'failed');
  }
  const status = spoken.soap === soap12 && fault.isSenders ? 400 : 500;
  return sendXml(reply.status(status), spoken.soap, writeFault(spoken, fault, text));
}

function faultOf(thrown: unknown): Fault & { readonly text: string } {
  if (thrown instanceof SoapFault) return { kind: thrown.kind, isSenders: true, text: thrown.message };
  if (thrown instanceof Problem) {
    const kind = thrown.kind === 'too-large' ? 'large' : 'unknown';
    return { kind, isSenders: thrown.status < 500, text: thrown.message };
  }
  const { code, statusCode = 500 } = thrown as { readonly code?: string; readonly statusCode?: number };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const text = `A message may have ${maxMessage / 1024 / 1024} MiB`;
    return { kind: 'large', isSenders: true, text };
  }
  if (statusCode < 500) {
    return { kind: 'unknown', isSenders: true, text: 'The body could not be read as it was announced' };
  }
  return { kind: 'unknown', isSenders: false, text: 'The server failed; what happened is in its log' };
}

function sendXml(reply: FastifyReply, soap: SoapNamespace, text: string): FastifyReply {
  const type = soap === soap12 ? 'application/soap+xml' : 'text/xml';
  return reply.header('content-type', `${type}; charset=utf-8`).send(text);
}
