import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { capabilityStatement, normativePart } from './capability-statement.ts';
import { queryOf } from './request-options.ts';
import type { RestContext, RestOptions, Route } from './route.ts';
import { sendText } from './send.ts';
import { terminologyCapabilities } from './terminology-capabilities.ts';

/** R4 http.html#capabilities. Each statement is built once: it depends on nothing that changes while we run. */
export function metadataRoutes(options: RestOptions): readonly Route[] {
  const texts = new Map<string, string>();
  const textOf = (mode: string) => {
    const text = texts.get(mode) ?? JSON.stringify(statementOf(mode, options));
    texts.set(mode, text);
    return text;
  };
  const handle = (ctx: RestContext, request: FastifyRequest, reply: FastifyReply) =>
    sendText(ctx, request, reply, textOf(modeOf(request)));
  return [{ method: 'GET', url: '/metadata', handle }];
}

function modeOf(request: FastifyRequest): string {
  if (!request.raw.url?.includes('?')) return 'full';
  return queryOf(request).find(([name]) => name === 'mode')?.[1] ?? 'full';
}

function statementOf(mode: string, options: RestOptions): object {
  switch (mode) {
    case 'full':
      return capabilityStatement(options);
    case 'normative':
      return normativePart(capabilityStatement(options));
    case 'terminology':
      return terminologyCapabilities(options);
    default:
      throw new Problem(
        'invalid-parameter',
        `mode=${mode.slice(0, 80)} is none of full, normative, terminology`,
        { expression: 'http.mode' },
      );
  }
}
