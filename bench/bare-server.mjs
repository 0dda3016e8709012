// The limit that rest.mjs compares with: a bare Fastify route that answers the same bytes from memory.
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';

const [, , port, bodies] = process.argv;
const texts = JSON.parse(readFileSync(bodies, 'utf8'));
const app = Fastify();
for (const [name, text] of Object.entries(texts)) {
  app.get(`/${name}`, (_request, reply) =>
    reply.header('content-type', 'application/fhir+json; charset=utf-8').send(text),
  );
}
await app.listen({ host: '127.0.0.1', port: Number(port) });
