import type { FastifyInstance } from 'fastify';

export type HealthOptions = {
  /** Resolves when the server can answer; rejects with the reason when it cannot. */
  readonly check: () => Promise<void>;
  /** What it answers less well than it should, a sentence each. */
  readonly warnings: () => readonly string[];
};

/** For the orchestrator: is the process alive, and can it answer? */
export async function healthRoutes(app: FastifyInstance, options: HealthOptions): Promise<void> {
  app.get('/health/live', async () => ({ status: 'ok' }));
  app.get('/health/ready', async (request, reply) => {
    try {
      await options.check();
      const warnings = options.warnings();
      return { status: 'ok', ...(warnings.length > 0 && { warnings }) };
    } catch (cause) {
      request.log.warn({ err: cause }, 'not ready');
      const reason = cause instanceof Error ? cause.message : String(cause);
      return reply.status(503).send({ status: 'unavailable', reason });
    }
  });
}
