import type { FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { isOfThisFhirVersion, toMediaType } from './media-type.ts';
import { headerOf, resultParameter, wantsPretty } from './request-options.ts';

/** How the resources of an answer are written. */
export type AnswerFormat = 'json' | 'xml';

const formatsOf: ReadonlyMap<string, readonly AnswerFormat[]> = new Map<string, readonly AnswerFormat[]>([
  ...['*/*', '*', 'application/*'].map((range) => [range, ['json', 'xml']] as const),
  ...['application/fhir+json', 'application/json', 'application/json+fhir', 'text/json', 'json'].map(
    (type) => [type, ['json']] as const,
  ),
  ...['application/fhir+xml', 'application/xml', 'application/xml+fhir', 'text/xml', 'xml'].map(
    (type) => [type, ['xml']] as const,
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

/** How an error is written: as JSON where the client can be given nothing that it asks for, or its query cannot be read. */
export function errorStyle(request: FastifyRequest): {
  readonly format: AnswerFormat;
  readonly pretty: boolean;
} {
  try {
    return { format: requireFormat(request), pretty: wantsPretty(request) };
  } catch (thrown) {
    if (thrown instanceof Problem) return { format: 'json', pretty: false };
    throw thrown;
  }
}

/** A '+' that was not encoded arrives as a blank: application/fhir json. */
function formatParameter(request: FastifyRequest): string | undefined {
  return resultParameter(request, '_format')?.replace(/ (json|xml)/g, '+$1');
}

/**
 * The one with the higher quality, JSON where they are alike; undefined where neither is accepted. What is said of a
 * type itself counts before what is said of all types (RFC 9110, 12.5.1).
 */
function chooseFormat(accepted: string | undefined): AnswerFormat | undefined {
  if (accepted === undefined || accepted === 'application/fhir+json' || accepted === '*/*') return 'json';
  if (accepted.trim() === '') return 'json';
  const ranges = accepted.split(',').flatMap(readRange);
  const json = qualityOf('json', ranges);
  const xml = qualityOf('xml', ranges);
  if (xml > json) return 'xml';
  return json > 0 ? 'json' : undefined;
}

type MediaRange = {
  readonly formats: readonly AnswerFormat[];
  /** How exactly it names a type: 2 the type itself, 1 all of `application`, 0 all. */
  readonly precision: number;
  readonly quality: number;
};

function qualityOf(format: AnswerFormat, ranges: readonly MediaRange[]): number {
  const fitting = ranges.filter(({ formats }) => formats.includes(format));
  const precision = Math.max(...fitting.map((range) => range.precision));
  return Math.max(
    0,
    ...fitting.filter((range) => range.precision === precision).map(({ quality }) => quality),
  );
}

/** `application/fhir+xml; fhirVersion=4.0; q=0.8`; none when the server writes nothing of the kind. */
function readRange(range: string): readonly MediaRange[] {
  const mediaType = toMediaType(range);
  const formats = formatsOf.get(mediaType.type);
  if (!formats || !isOfThisFhirVersion(mediaType)) return [];
  const weight = mediaType.parameters.get('q') ?? '1';
  const quality = /^(?:[01](?:\.\d*)?|\.\d+)$/.test(weight) ? Number(weight) : 1;
  return [{ formats, precision: precisionOf(mediaType.type), quality }];
}

function precisionOf(type: string): number {
  if (!type.includes('*')) return 2;
  return type === 'application/*' ? 1 : 0;
}
