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

/** What is told of a request that is refused before it is known what it asks: where it was sent. */
export function refusedStart(request: FastifyRequest, base: string): TrailStart {
  const query = `${request.method} ${pathBelow(request, base)}`.slice(0, longestQuery);
  return { interaction: 'refused', action: 'E', from: request.ip, query };
}

function pathBelow({ raw: { url = '' } }: FastifyRequest, base: string): string {
  return url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url;
}

/** The path below the base with what follows the question mark, and the fields of a form; undefined where nothing was asked. */
function queryTold(request: FastifyRequest, base: string): string | undefined {
  const { url = '' } = request.raw;
  const form = request.method === 'POST' && isForm(request) ? bodyText(request) : '';
  if (form === '' && !url.includes('?')) return undefined;
  const path = pathBelow(request, base);
  const joined = form === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${form}`;
  return joined.slice(0, longestQuery);
}
