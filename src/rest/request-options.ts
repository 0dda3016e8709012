import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { type ParameterList, parseQuery, withoutFormat } from '../interaction/parse-query.ts';
import type { ReturnPreference } from '../interaction/response-bundle.ts';
import type { Preconditions } from '../interaction/write-plan.ts';
import { toMediaType } from './media-type.ts';

/** The pairs after the question mark, as they were sent. */
export function queryOf(request: FastifyRequest): ParameterList {
  const { url } = request.raw;
  const question = url?.indexOf('?') ?? -1;
  return question < 0 ? [] : parseQuery(url?.slice(question + 1) ?? '');
}

export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value.join(', ') : value;
  return text === undefined ? undefined : asUtf8(text);
}

/** What the client expects to be there, of a resource that it names. */
export function preconditionsOf(request: FastifyRequest): Preconditions {
  return { ifMatch: headerOf(request, 'if-match'), ifNoneMatch: headerOf(request, 'if-none-match') };
}

const beyondAscii = /[\u0080-\u{10ffff}]/u;

/** Node takes the bytes of a header for Latin-1; clients that write a name in one write UTF-8. */
function asUtf8(text: string): string {
  if (!beyondAscii.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) && bytes.toString('latin1') === text ? bytes.toString('utf8') : text;
}

/** R4 http.html#ops, `Prefer: return=…`; representation when nothing is preferred. */
export function preferredReturn(request: FastifyRequest): ReturnPreference {
  const asked = /(?:^|[,;\s])return=(minimal|representation|OperationOutcome)\b/.exec(
    headerOf(request, 'prefer') ?? '',
  );
  const [, preference] = asked ?? [];
  return preference === 'minimal' || preference === 'OperationOutcome' ? preference : 'representation';
}

/** `Prefer: handling=…` of a search or operation; undefined when the client does not say. */
export function preferredHandling(request: FastifyRequest): 'strict' | 'lenient' | undefined {
  const preferred = headerOf(request, 'prefer');
  if (preferred === undefined) return undefined;
  const [, handling] = /(?:^|[,;\s])handling=(strict|lenient)\b/.exec(preferred) ?? [];
  return handling === 'strict' || handling === 'lenient' ? handling : undefined;
}

export function wantsPretty(request: FastifyRequest): boolean {
  return resultParameter(request, '_pretty') === 'true';
}

export const formType = 'application/x-www-form-urlencoded';

export function isForm(request: FastifyRequest): boolean {
  return toMediaType(headerOf(request, 'content-type') ?? '').type === formType;
}

/** `_format` or `_pretty`, from the URL or from the form of a POST (R4 http.html#parameters). */
export function resultParameter(request: FastifyRequest, name: '_format' | '_pretty'): string | undefined {
  const inUrl = request.raw.url?.includes(name) ? queryOf(request) : [];
  const inForm = request.method === 'POST' ? formParameters(request, name) : [];
  return [...inUrl, ...inForm].find(([each]) => each === name)?.[1];
}

function formParameters(request: FastifyRequest, name: string): ParameterList {
  const { body } = request;
  if (!isForm(request) || !Buffer.isBuffer(body)) return [];
  return body.includes(name) ? parseQuery(body.toString('utf8').trim()) : [];
}

/** The search criteria of a conditional interaction: the query without what belongs to HTTP. */
export function criteriaOf(request: FastifyRequest): ParameterList {
  return withoutFormat(queryOf(request));
}
