import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StubEhr } from './stub-ehr.ts';

/** What a browser, and whoever is curious, meets of the EHR that the demo plays; Jenner asks it without the network. */
export async function stubEhrPlugin(app: FastifyInstance, ehr: StubEhr): Promise<void> {
  const { pathname } = new URL(ehr.url);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.get(`${pathname}/authorize`, async (request, reply) => {
    const to = ehr.authorize(new URLSearchParams(request.url.split('?')[1] ?? ''));
    if (to !== undefined) return reply.redirect(to, 303);
    return reply.status(400).type('text/plain; charset=utf-8').send('No app of this system asked that.');
  });
  for (const path of ['token', 'fhir', 'fhir/*']) {
    app.all(`${pathname}/${path}`, async (request, reply) => answer(ehr, request, reply));
  }
}

function answer(ehr: StubEhr, { method, url, headers, body }: FastifyRequest, reply: FastifyReply) {
  const path = url.slice(new URL(ehr.url).pathname.length);
  const { status, json } = ehr.answer({
    method,
    path,
    authorization: headers.authorization,
    body: typeof body === 'string' ? body : undefined,
  });
  const isFhir = path.startsWith('/fhir');
  reply.status(status).type(isFhir ? 'application/fhir+json' : 'application/json');
  return reply.send(json === undefined ? undefined : JSON.stringify(json));
}
