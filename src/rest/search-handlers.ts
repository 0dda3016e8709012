import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { type ParameterList, parseQuery } from '../interaction/parse-query.ts';
import { searchCompartment } from '../interaction/search-compartment.ts';
import type { Handling } from '../interaction/search-request.ts';
import { searchResources } from '../interaction/search-resources.ts';
import { searchsetBundle } from '../interaction/searchset-bundle.ts';
import { bodyText } from './request-body.ts';
import { formType, isForm, preferredHandling, queryOf } from './request-options.ts';
import type { Handlers, RestContext } from './route.ts';
import { sendText } from './send.ts';

/** R4 http.html#search, by GET and by POST of a form. */
export const searchHandlers: Pick<Handlers, 'search-system' | 'search-type' | 'compartment'> = {
  'search-system': (ctx, _target, request, reply) => search(ctx, undefined, request, reply),
  'search-type': (ctx, { type }, request, reply) => search(ctx, type, request, reply),
  compartment: async (ctx, { id, type }, request, reply) => {
    const answer = await searchCompartment(ctx, id, type, queryOf(request), handlingOf(request));
    return sendText(ctx, request, reply, searchsetBundle(ctx, `Patient/${id}/${type ?? '*'}`, answer));
  },
};

function handlingOf(request: FastifyRequest): Handling {
  return preferredHandling(request) ?? 'strict';
}

async function search(
  ctx: RestContext,
  type: ResourceType | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parameters = request.method === 'POST' ? formOf(request) : queryOf(request);
  const answer = await searchResources(ctx, type && [type], parameters, handlingOf(request));
  return sendText(ctx, request, reply, searchsetBundle(ctx, type ?? '', answer));
}

/** The parameters of the URL, then those of the form. */
function formOf(request: FastifyRequest): ParameterList {
  if (bodyText(request) !== '' && !isForm(request)) {
    throw new Problem('unsupported-media-type', `_search takes a form: ${formType}`);
  }
  return [...queryOf(request), ...parseQuery(bodyText(request).trim())];
}
