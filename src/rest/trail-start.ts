import type { FastifyRequest } from 'fastify';
import { actionOf } from '../interaction/audit/audited.ts';
import type { TrailStart } from '../interaction/audit/trail.ts';
import type { RequestTarget } from '../request/request-target.ts';
import { bodyText } from './request-body.ts';
import { isForm } from './request-options.ts';

/** Longer ones are told by their beginning. */
const longestQuery = 4000;

const writes: ReadonlySet<string> = new Set(['C', 'U', 'D']);

/** What a request tells before it is answered; undefined for what is nobody's data. */
export function trailStart(
  target: RequestTarget,
  request: FastifyRequest,
  base: string,
): TrailStart | undefined {
  const { name } = target;
  const action = actionOf(name);
  if (action === undefined) return undefined;
  return {
    interaction: name === 'operation' ? `operation $${target.code}` : name,
    action,
    from: request.ip,
    tellsItself: writes.has(action),
    query: queryTold(request, base),
    asked: 'id' in target && target.type && target.id ? { type: target.type, id: target.id } : undefined,
  };
}

/** The path below the base with what follows the question mark, and the fields of a form; undefined where nothing was asked. */
function queryTold(request: FastifyRequest, base: string): string | undefined {
  const { url = '' } = request.raw;
  const form = request.method === 'POST' && isForm(request) ? bodyText(request) : '';
  if (form === '' && !url.includes('?')) return undefined;
  const path = url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url;
  const joined = form === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${form}`;
  return joined.slice(0, longestQuery);
}
