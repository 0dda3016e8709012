import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { runBatch } from '../interaction/batch.ts';
import type { BundleServices } from '../interaction/entry-answer.ts';
import { responseBundle } from '../interaction/response-bundle.ts';
import { runTransaction } from '../interaction/transaction.ts';
import { resourceBody } from './request-body.ts';
import { preferredReturn } from './request-options.ts';
import type { Handler, RestContext } from './route.ts';
import { sendText } from './send.ts';

/** R4 http.html#transaction: POST of a Bundle to the base. */
export function bundleHandler(services: BundleServices): Handler<'bundle'> {
  return (ctx, _target, request, reply) => runBundle(services, ctx, request, reply);
}

async function runBundle(
  services: BundleServices,
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const body = await resourceBody(ctx, request);
  const { resourceType } = body.resource;
  if (resourceType !== 'Bundle') {
    const text = `The base takes a Bundle of type batch or transaction, not ${resourceType}; POST it to /${resourceType}`;
    throw new Problem('invalid-content', text, { expression: 'resourceType' });
  }
  const type = body.resource['type'];
  const prefer = preferredReturn(request);
  if (type === 'transaction') {
    const answers = await runTransaction(ctx, body, services);
    return sendText(ctx, request, reply, await responseBundle(ctx, 'transaction-response', answers, prefer));
  }
  if (type === 'batch') {
    const answers = await runBatch(ctx, body, services);
    return sendText(ctx, request, reply, await responseBundle(ctx, 'batch-response', answers, prefer));
  }
  const shown = type === undefined ? 'missing' : JSON.stringify(type).slice(0, 60);
  throw new Problem('invalid-content', `Bundle.type must be "batch" or "transaction"; it is ${shown}`, {
    expression: 'Bundle.type',
  });
}
