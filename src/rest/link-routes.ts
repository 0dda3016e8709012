import type { FastifyInstance, FastifyReply } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import type { LinkUses, ManifestAnswer } from '../registry/health-links/use-link.ts';

export type LinkRoutes = {
  /** Where links are opened, without a slash at the end. */
  readonly path: string;
  readonly uses: LinkUses;
};

/** A viewer may be the page of any site: who has the link is who may read. */
const headers = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': 'accept, content-type',
  'cache-control': 'no-store',
} as const;

const maxRequest = 16 * 1024;

/** SMART Health Links: manifests, and files that are fetched apart. */
export async function linkRoutes(app: FastifyInstance, { path, uses }: LinkRoutes): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/fhir+json'],
    { parseAs: 'string', bodyLimit: maxRequest },
    (_request, body, done) => done(null, body),
  );
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
  type Named = { Params: { secret: string } };
  for (const url of [`${path}/:secret`, `${path}/files/:secret`]) {
    app.options(url, (_request, reply) => reply.status(204).send());
  }
  app.post<Named>(`${path}/:secret`, async ({ params, body, ip }, reply) => {
    const asked = readRequest(typeof body === 'string' ? body : '');
    return sendManifest(reply, await uses.manifest(params.secret, { ...asked, from: ip }));
  });
  app.get<Named>(`${path}/:secret`, async ({ params, url, ip }, reply) => {
    const recipient = new URLSearchParams(url.split('?')[1] ?? '').get('recipient');
    return sendFile(
      reply,
      await uses.direct(params.secret, { recipient: requireRecipient(recipient), from: ip }),
    );
  });
  app.get<Named>(`${path}/files/:secret`, async ({ params, ip }, reply) =>
    sendFile(reply, await uses.file(params.secret, ip)),
  );
}

type Sent = {
  readonly recipient: string;
  readonly passcode: string | undefined;
  readonly embeddedLengthMax: number | undefined;
};

function readRequest(text: string): Sent {
  const { recipient, passcode, embeddedLengthMax } = parse(text);
  const isCount = typeof embeddedLengthMax === 'number' && embeddedLengthMax >= 0;
  return {
    recipient: requireRecipient(recipient),
    passcode: typeof passcode === 'string' ? passcode.slice(0, 200) : undefined,
    embeddedLengthMax: isCount ? embeddedLengthMax : undefined,
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new Problem('invalid-syntax', 'The body is not JSON', { cause });
  }
  throw new Problem('invalid-syntax', 'The body must be a JSON object');
}

/** SMART Health Links: whoever opens one says who they are, for the owner to read. */
function requireRecipient(sent: unknown): string {
  if (typeof sent === 'string' && sent.trim() !== '' && sent.length <= 200 && !/\p{Cc}/u.test(sent))
    return sent;
  throw new Problem('invalid-parameter', 'recipient must say who opens the link, in 1 to 200 characters', {
    expression: 'recipient',
  });
}

function sendManifest(reply: FastifyReply, answer: ManifestAnswer): FastifyReply {
  switch (answer.kind) {
    case 'manifest':
      return reply.type('application/json').send(JSON.stringify(answer.manifest));
    case 'passcode': {
      const { remainingAttempts } = answer;
      return reply.status(401).type('application/json').send(JSON.stringify({ remainingAttempts }));
    }
    case 'inactive':
      throw inactive();
  }
}

function sendFile(reply: FastifyReply, jwe: string | undefined): FastifyReply {
  if (jwe === undefined) throw inactive();
  return reply.header('content-type', 'application/jose').send(jwe);
}

function inactive(): Problem {
  return new Problem('not-found', 'There is no such link, or it is over');
}
