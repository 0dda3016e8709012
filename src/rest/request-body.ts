import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { beginFhirXml } from '../fhir/parse-fhir-xml.ts';
import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import { parseWithPauses } from '../fhir/stepwise-parse.ts';
import type { Definitions } from '../fhir/validation/definitions.ts';
import { isResource, readResourceBody } from '../interaction/parse-body.ts';
import type { Pace } from '../values/turns.ts';
import { isOfThisFhirVersion, toMediaType } from './media-type.ts';
import { headerOf } from './request-options.ts';

type Context = { readonly definitions: Definitions; readonly pace: Pace };

export const jsonBodies = ['application/fhir+json', 'application/json', 'text/json'] as const;
export const xmlBodies = ['application/fhir+xml', 'application/xml', 'text/xml'] as const;

/** Bodies past it are refused with 413 before they are read; `jenner import` has no such limit. */
export const maxBody = 32 * 1024 * 1024;

/** The parameters of a search. */
export const maxForm = 2 * 1024 * 1024;

/** Reading XML takes many times as long as JSON. */
const maxXmlBytes = 2 * 1024 * 1024;

/** What is larger is an update rather than a patch, and a patch is read at a stretch. */
const maxPatchBytes = 2 * 1024 * 1024;

/** The text of a JSON or XML patch; 413 when it is too long. */
export function patchText(request: FastifyRequest): string {
  const { body } = request;
  if (Buffer.isBuffer(body) && body.length > maxPatchBytes) {
    const text = `A patch may have ${maxPatchBytes / 1024 / 1024} MiB; send the whole resource by PUT`;
    throw new Problem('too-large', text);
  }
  return bodyText(request);
}

/** The text of an XML body; 413 when it is too long. */
function xmlText(request: FastifyRequest): string {
  const { body } = request;
  if (Buffer.isBuffer(body) && body.length > maxXmlBytes) {
    const text = `An XML body may have ${maxXmlBytes / 1024 / 1024} MiB; send larger ones as application/fhir+json`;
    throw new Problem('too-large', text);
  }
  return bodyText(request);
}

export function bodyText(request: FastifyRequest): string {
  const { body } = request;
  if (!Buffer.isBuffer(body)) return '';
  if (!isUtf8(body)) throw new Problem('invalid-syntax', 'The body is not well-formed UTF-8');
  return body.toString('utf8');
}

/** The resource that the body is, in JSON or XML as its Content-Type says. */
export function resourceBody(ctx: Context, request: FastifyRequest): Promise<ParsedResource> {
  return parseBody(ctx, request, textOf(request));
}

/** A patch or a form is no resource, though the server reads both elsewhere. */
function textOf(request: FastifyRequest): string {
  if (isXmlBody(request)) return xmlText(request);
  const text = bodyText(request);
  if (text !== '' && !jsonBodies.some((known) => known === bodyType(request))) throw unsupportedBody();
  return text;
}

export function unsupportedBody(): Problem {
  return new Problem(
    'unsupported-media-type',
    'The body must be application/fhir+json or application/fhir+xml (Content-Type)',
  );
}

/** What an operation may be sent: Parameters, or nothing. */
export async function optionalBody(
  ctx: Context,
  request: FastifyRequest,
): Promise<ParsedResource | undefined> {
  const text = textOf(request);
  return isBlank(text) ? undefined : parseBody(ctx, request, text);
}

/** The media type of the body, without its parameters. */
export function bodyType(request: FastifyRequest): string {
  return toMediaType(headerOf(request, 'content-type') ?? '').type;
}

export function isXmlBody(request: FastifyRequest): boolean {
  const type = bodyType(request);
  return xmlBodies.some((known) => known === type);
}

function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

async function parseBody(
  { definitions, pace }: Context,
  request: FastifyRequest,
  text: string,
): Promise<ParsedResource> {
  requireThisFhirVersion(request);
  if (isBlank(text) || !isXmlBody(request)) return readResourceBody(text, pace);
  await pace();
  const parsed = await parseWithPauses(beginFhirXml(text, definitions), pace);
  if (!parsed.ok) {
    throw new Problem('invalid-syntax', `The body is not FHIR XML: ${parsed.message}`, {
      expression: parsed.expression === '' ? undefined : parsed.expression,
    });
  }
  if (!isResource(parsed.value)) throw new Problem('invalid-syntax', 'The body is no resource');
  return { resource: parsed.value, exactNumbers: parsed.exactNumbers };
}

function requireThisFhirVersion(request: FastifyRequest): void {
  const sent = headerOf(request, 'content-type') ?? '';
  if (isOfThisFhirVersion(toMediaType(sent))) return;
  throw new Problem('unsupported-media-type', `This server reads FHIR 4.0, not ${sent}`);
}
