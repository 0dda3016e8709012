import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { type ParameterList, parseQuery } from '../interaction/parse-query.ts';
import { searchCompartment } from '../interaction/search-compartment.ts';
import type { Handling } from '../interaction/search-request.ts';
import { searchResources } from '../interaction/search-resources.ts';
import { searchsetBundle } from '../interaction/searchset-bundle.ts';
import { innerTypeOf, keyOf, typeOf } from './path-parameters.ts';
import { bodyText } from './request-body.ts';
import { formType, isForm, preferredHandling, queryOf } from './request-options.ts';
import type { RestContext, Route } from './route.ts';
import { sendText } from './send.ts';

/** R4 http.html#search, by GET and by POST of a form. */
export const searchRoutes: readonly Route[] = [
  {
    method: 'GET',
    url: '/',
    handle: (ctx, request, reply) => search(ctx, request, reply, undefined, queryOf(request)),
  },
  {
    method: 'POST',
    url: '/_search',
    handle: (ctx, request, reply) => search(ctx, request, reply, undefined, formOf(request)),
  },
  {
    method: 'GET',
    url: '/:type',
    handle: (ctx, request, reply) => search(ctx, request, reply, typeOf(request), queryOf(request)),
  },
  {
    method: 'POST',
    url: '/:type/_search',
    handle: (ctx, request, reply) => search(ctx, request, reply, typeOf(request), formOf(request)),
  },
  { method: 'GET', url: '/:type/:id/:inner', handle: compartment },
];

async function compartment(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const { type: owner, id } = keyOf(request);
  if (owner !== 'Patient')
    throw new Problem('not-found', `${owner} has no compartment here; only Patient has one`);
  const type = innerTypeOf(request);
  const answer = await searchCompartment(ctx, id, type, queryOf(request), handlingOf(request));
  return sendText(ctx, request, reply, searchsetBundle(ctx, `Patient/${id}/${type ?? '*'}`, answer));
}

function handlingOf(request: FastifyRequest): Handling {
  return preferredHandling(request) ?? 'strict';
}

async function search(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  type: ResourceType | undefined,
  parameters: ParameterList,
): Promise<FastifyReply> {
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
