import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { InterfaceAccounts } from '../../access/interface-account.ts';
import { Problem } from '../../fhir/problem.ts';
import type { AnswerMessage } from '../arrival.ts';
import { er7Type, er7Types } from '../er7-answer.ts';
import { basicOf, type Credentials, requireAccount } from './require-account.ts';

export type Hl7v2PluginOptions = {
  readonly answer: AnswerMessage;
  /** Who may send; absent on an open server, where everybody is one account. */
  readonly accounts?: InterfaceAccounts | undefined;
};

/** Bytes of a message; a history of a hundred doses has some fifty thousand. */
export const maxMessage = 4 * 1024 * 1024;

const formType = 'application/x-www-form-urlencoded';

/**
 * `POST /hl7v2`: a message as the body (HL7 over HTTP), or in the form that CDC had clinics post before SOAP (fields USERID,
 * PASSWORD, FACILITYID, MESSAGEDATA). Who is known is answered 200 with a message, whatever it says.
 */
export async function hl7v2Plugin(app: FastifyInstance, options: Hl7v2PluginOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  const asBytes = { parseAs: 'buffer', bodyLimit: maxMessage } as const;
  app.addContentTypeParser([...er7Types, formType], asBytes, (_request, body, done) => done(null, body));
  app.addContentTypeParser('*', (request, _body, done) =>
    done(
      new Problem(
        'unsupported-media-type',
        `A message is ${er7Types.join(', ')} or a form (Content-Type), not ${request.headers['content-type'] ?? 'nothing'}`,
      ),
    ),
  );
  app.post('/hl7v2', async (request, reply) => {
    const sent = readSent(request);
    const account = await requireAccount(options.accounts, request, reply, sent.credentials);
    const answered = await options.answer({
      account,
      bytes: sent.message,
      charset: sent.charset,
      facility: sent.facility,
      from: request.ip,
    });
    return sendMessage(reply, sent.type, answered);
  });
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
    url: '/hl7v2',
    handler: (request, reply) => {
      reply.header('allow', 'POST');
      throw new Problem('method-not-allowed', `A message is sent by POST, not ${request.method}`);
    },
  });
}

type Sent = {
  readonly message: Uint8Array;
  readonly type: string;
  readonly charset?: string | undefined;
  readonly facility?: string | undefined;
  readonly credentials?: Credentials | undefined;
};

function readSent(request: FastifyRequest): Sent {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim());
  const credentials = basicOf(request.headers.authorization);
  if (type.toLowerCase() === formType) return readForm(body, credentials);
  const charset = parameters.flatMap(
    (parameter) => /^charset="?([\w.:-]+)"?$/i.exec(parameter)?.[1] ?? [],
  )[0];
  return { message: body, type: type.toLowerCase(), charset, credentials };
}

function readForm(body: Buffer, credentials: Credentials | undefined): Sent {
  const form = new URLSearchParams(body.toString('utf8'));
  const message = form.get('MESSAGEDATA');
  if (message === null) {
    const hint = 'a message that is no field of a form is sent as application/hl7-v2 (Content-Type)';
    throw new Problem('invalid-parameter', `The field MESSAGEDATA is missing; ${hint}`);
  }
  const login = form.get('USERID');
  return {
    message: Buffer.from(message, 'utf8'),
    type: 'text/plain',
    charset: 'utf-8',
    facility: form.get('FACILITYID') ?? undefined,
    credentials: login === null ? credentials : { login, password: form.get('PASSWORD') ?? '' },
  };
}

/** In the media type that was sent; always UTF-8. */
function sendMessage(reply: FastifyReply, type: string, message: string): FastifyReply {
  const known = er7Types.some((one) => one === type) ? type : er7Type;
  return reply.header('content-type', `${known}; charset=utf-8`).send(message);
}
