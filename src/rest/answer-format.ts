import type { FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { headerOf, resultParameter } from './request-options.ts';

/** How the resources of an answer are written. */
export type AnswerFormat = 'json' | 'xml';

const formatOf: ReadonlyMap<string, AnswerFormat> = new Map([
  ...[
    '*/*',
    'application/*',
    'application/fhir+json',
    'application/json',
    'application/json+fhir',
    'text/json',
    'json',
  ].map((type) => [type, 'json'] as const),
  ...['application/fhir+xml', 'application/xml', 'application/xml+fhir', 'text/xml', 'xml'].map(
    (type) => [type, 'xml'] as const,
  ),
]);

/**
 * R4 http.html#mime-type: `_format` beats Accept; neither is JSON. Throws 406 when the client takes neither JSON nor
 * XML, or another FHIR version than 4.0.
 */
export function requireFormat(request: FastifyRequest): AnswerFormat {
  const accepted = formatParameter(request) ?? headerOf(request, 'accept');
  const format = chooseFormat(accepted);
  if (format !== undefined) return format;
  throw new Problem(
    'not-acceptable',
    `This server answers application/fhir+json or application/fhir+xml of FHIR 4.0, not ${accepted}`,
  );
}

/** The format of an error: JSON where the client can be given nothing that it asks for. */
export function errorFormat(request: FastifyRequest): AnswerFormat {
  try {
    return requireFormat(request);
  } catch (thrown) {
    if (thrown instanceof Problem) return 'json';
    throw thrown;
  }
}

/** A '+' that was not encoded arrives as a blank: application/fhir json. */
function formatParameter(request: FastifyRequest): string | undefined {
  return resultParameter(request, '_format')?.replace(/ (json|xml)/g, '+$1');
}

/** The one with the higher quality, JSON where they are alike; undefined where neither is accepted. */
function chooseFormat(accepted: string | undefined): AnswerFormat | undefined {
  if (accepted === undefined || accepted === 'application/fhir+json' || accepted === '*/*') return 'json';
  if (accepted.trim() === '') return 'json';
  const quality = { json: 0, xml: 0 };
  for (const range of accepted.split(',')) {
    const found = readRange(range);
    if (found) quality[found.format] = Math.max(quality[found.format], found.quality);
  }
  if (quality.xml > quality.json) return 'xml';
  return quality.json > 0 ? 'json' : undefined;
}

type MediaRange = { readonly format: AnswerFormat; readonly quality: number };

/** `application/fhir+xml; fhirVersion=4.0; q=0.8` */
function readRange(range: string): MediaRange | undefined {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const format = formatOf.get(type);
  if (!format) return undefined;
  const version = parameters.find((parameter) => parameter.startsWith('fhirversion='));
  if (version !== undefined && version !== 'fhirversion=4.0') return undefined;
  const weight = parameters.find((parameter) => /^q=[01](?:\.\d*)?$/.test(parameter));
  return { format, quality: weight === undefined ? 1 : Number(weight.slice(2)) };
}
