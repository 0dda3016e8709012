import type { FastifyInstance } from 'fastify';

/** For the orchestrator: is the process alive, and can it answer? */
export async function healthRoutes(
  app: FastifyInstance,
  options: { readonly check: () => Promise<void> },
): Promise<void> {
  app.get('/health/live', async () => ({ status: 'ok' }));
  app.get('/health/ready', async (request, reply) => {
    try {
      await options.check();
      return { status: 'ok' };
    } catch (cause) {
      request.log.warn({ err: cause }, 'not ready');
      const reason = cause instanceof Error ? cause.message : String(cause);
      return reply.status(503).send({ status: 'unavailable', reason });
    }
  });
}
