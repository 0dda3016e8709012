import type { FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { headerOf } from './request-options.ts';

/** What HTTP/1.1 itself refuses (RFC 9112, 3.2; RFC 9110, 10.1.1); undefined when there is nothing to say. */
export function refuseHeaders(request: FastifyRequest): Problem | undefined {
  if (headerOf(request, 'host') === undefined && request.raw.httpVersion === '1.1') {
    return new Problem('invalid-syntax', 'The request has no Host header');
  }
  const expected = headerOf(request, 'expect');
  if (expected === undefined || expected.trim().toLowerCase() === '100-continue') return undefined;
  const text = `This server meets the expectation 100-continue, not ${expected.slice(0, 80)}`;
  return new Problem('expectation-failed', text);
}
