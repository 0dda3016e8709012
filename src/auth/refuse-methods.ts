import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

type Refuse = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * RFC 9110, 15.5.6: a path that exists answers 405 to a method it does not have, and says which it has. To be called before
 * the routes are added; what it answers is called after.
 */
export function noteMethods(app: FastifyInstance): (refuse: Refuse) => void {
  const has = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = has.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    has.set(url, known);
  });
  return (refuse) => {
    for (const [url, known] of has) {
      const others = methods.filter((method) => !known.has(method));
      if (others.length === 0) continue;
      const allow = methods.filter((method) => known.has(method)).join(', ');
      const handler = (request: FastifyRequest, reply: FastifyReply) =>
        refuse(request, reply.header('allow', allow));
      app.route({ method: others, url, handler });
    }
  };
}
