import type { FastifyInstance } from 'fastify';

/** `GET /demo/vxu`: a message to try the doors with. Only the demo has it. */
export async function demoMessagePlugin(
  app: FastifyInstance,
  { message }: { readonly message: () => Promise<string> },
): Promise<void> {
  app.get('/demo/vxu', async (_request, reply) =>
    reply.header('content-type', 'application/hl7-v2; charset=utf-8').send(await message()),
  );
}
