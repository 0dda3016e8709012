import type { FastifyInstance } from 'fastify';

type Asset = {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
};

/** The files that pages load. A path tells the content, so nothing is ever asked for again. */
export async function assetsPlugin(
  app: FastifyInstance,
  { assets }: { readonly assets: readonly Asset[] },
): Promise<void> {
  for (const { path, type, body, gzipped } of assets) {
    app.get(path, (request, reply) => {
      const zips = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (zips) reply.header('content-encoding', 'gzip');
      return reply
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('vary', 'accept-encoding')
        .type(type)
        .send(zips ? gzipped : body);
    });
  }
}
