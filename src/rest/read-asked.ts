import type { FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { refuseIgnoredQuery } from '../interaction/ignored-query.ts';
import type { Operation } from '../operation/operation.ts';
import {
  type IdFault,
  type PathParameters,
  type RequestName,
  type RequestTarget,
  toTarget,
} from '../request/request-target.ts';
import { type AnswerFormat, errorStyle, requireFormat } from './answer-format.ts';
import { preferredHandling, queryOf } from './request-options.ts';

/** What a request asks for, and how it wants to be answered; or why neither can be told. */
export type Asked =
  | { readonly target: RequestTarget; readonly format: AnswerFormat }
  | { readonly problem: Problem };

export function readAsked(
  name: RequestName,
  path: PathParameters | undefined,
  request: FastifyRequest,
  formatOf: FormatOf,
): Asked {
  try {
    const parameters = request.params as PathParameters;
    const target = toTarget(name, path ? { ...parameters, ...path } : parameters, idFaultOf(request));
    const format = formatOf(request, target);
    if (preferredHandling(request) !== 'lenient') refuseIgnoredQuery(name, () => queryOf(request));
    return { target, format };
  } catch (thrown) {
    if (thrown instanceof Problem) return { problem: thrown };
    throw thrown;
  }
}

/** Nothing can be there to read under what is no id. */
function idFaultOf({ method }: FastifyRequest): IdFault {
  return method === 'GET' || method === 'HEAD' ? 'not-found' : 'invalid-content';
}

export type FormatOf = (request: FastifyRequest, target: RequestTarget) => AnswerFormat;

/** An operation may answer what is no resource, and choose the format of that by itself. */
export function formatChooser(operations: readonly Operation[]): FormatOf {
  const others = new Set(operations.flatMap(({ answersOther, code }) => (answersOther ? code : [])));
  return (request, target) =>
    target.name === 'operation' && others.has(target.code)
      ? errorStyle(request).format
      : requireFormat(request);
}
