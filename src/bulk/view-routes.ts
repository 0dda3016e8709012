import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import { audited } from '../interaction/audit/audited.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Mutable } from '../values/mutable.ts';
import { idOfView, type NamedView, requireView, type Views } from '../views/kept-views.ts';

/**
 * ViewDefinitions below the FHIR base: read, and listed. R4 has no such type, so that they are no resources of the store,
 * and are JSON alone. What they say is of nobody: any token may read them.
 */
export function viewRoutes({ views }: { readonly views: Views }) {
  return (app: FastifyInstance, contextOf: (request: FastifyRequest) => InteractionContext): void => {
    app.get('/ViewDefinition', (request, reply) => {
      const ctx: Mutable<InteractionContext> = contextOf(request);
      const start = { interaction: 'search-type', action: 'E', ...toldOf(request) } as const;
      return audited(ctx, start, async () => send(reply, await listOf(ctx, request, views)));
    });
    app.get('/ViewDefinition/:view(^[^$]+$)', (request, reply) => {
      const ctx: Mutable<InteractionContext> = contextOf(request);
      const { view } = request.params as { readonly view: string };
      const start = { interaction: 'read', action: 'R', ...toldOf(request) } as const;
      return audited(ctx, start, async () => send(reply, toResource(await requireView(views, view))));
    });
  };
}

/** What is told of it: the address, and the path that was asked for. */
function toldOf({ ip, raw }: FastifyRequest) {
  return { from: ip, query: (raw.url ?? '').replace(/^\/fhir\//, '') };
}

function send(reply: FastifyReply, resource: object): FastifyReply {
  return reply.header('content-type', 'application/fhir+json; charset=utf-8').send(JSON.stringify(resource));
}

function toResource({ name, definition }: NamedView): JsonObject {
  const { resourceType: _type, id: _id, ...members } = definition;
  return { resourceType: 'ViewDefinition', id: idOfView(name), ...members };
}

/** What a list may be narrowed by; several values are alternatives. */
const criteria: Readonly<Record<string, (view: NamedView, text: string) => boolean>> = {
  _id: ({ name }, text) => idOfView(name) === text,
  name: ({ name }, text) => name.toLowerCase().startsWith(text.toLowerCase()),
  resource: ({ view }, text) => view.resource === text,
  status: ({ definition }, text) => definition['status'] === text,
  url: ({ definition }, text) => definition['url'] === text,
};

/** Say how an answer is written, and that there may be less of it. */
const passedOver: ReadonlySet<string> = new Set(['_format', '_pretty', '_count']);

async function listOf({ baseUrl }: InteractionContext, { raw }: FastifyRequest, views: Views) {
  const { searchParams } = new URL(raw.url ?? '', baseUrl);
  const asked = [...searchParams].filter(([name]) => !passedOver.has(name));
  for (const [name] of asked) {
    if (Object.hasOwn(criteria, name)) continue;
    const known = Object.keys(criteria).join(', ');
    const text = `ViewDefinition has no search parameter "${name.slice(0, 80)}"; it has ${known}`;
    throw new Problem('unknown-parameter', text, { expression: `http.${name.slice(0, 80)}` });
  }
  const isMeant = (view: NamedView) =>
    asked.every(([name, text]) => text.split(',').some((one) => criteria[name]?.(view, one)));
  const found = (await views.list()).filter(isMeant).map(toResource);
  const search = { mode: 'match' };
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: [{ relation: 'self', url: `${baseUrl}/ViewDefinition${new URL(raw.url ?? '', baseUrl).search}` }],
    ...(found.length > 0 && {
      entry: found.map((resource) => ({
        fullUrl: `${baseUrl}/ViewDefinition/${resource['id']}`,
        resource,
        search,
      })),
    }),
  };
}
