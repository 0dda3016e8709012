import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/**
 * The pages of a demo that others can reach show passwords, so they open to who has read the address that the demo
 * printed: its key is remembered in a cookie of these pages.
 */
export function letInByKey(app: FastifyInstance, key: string): void {
  app.addHook('onRequest', async (request, reply) => {
    const sent = new URLSearchParams(request.url.split('?')[1] ?? '').get('key');
    if (isSame(sent, key)) {
      reply.header('set-cookie', `demo=${key}; Path=/demo; HttpOnly; SameSite=Lax`);
      return;
    }
    const [, kept = null] = /(?:^|;\s*)demo=([^;]*)/.exec(request.headers.cookie ?? '') ?? [];
    if (isSame(kept, key)) return;
    await reply
      .status(403)
      .type('text/plain; charset=utf-8')
      .send('Open the address that the demo has printed.');
  });
}

/** In a time that tells nothing. */
function isSame(sent: string | null, key: string): boolean {
  return sent !== null && timingSafeEqual(digest(sent), digest(key));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
