import { beginFhirJson, type JsonObject } from '../fhir/fhir-json.ts';
import { hasMoreValues } from '../fhir/has-more-values.ts';
import { prettyJson, prettyJsonWithPauses } from '../fhir/pretty-json.ts';
import { Problem } from '../fhir/problem.ts';
import { parseWithPauses } from '../fhir/stepwise-parse.ts';
import { toXml, toXmlWithPauses, XmlFault } from '../fhir/to-xml.ts';
import type { Definitions } from '../fhir/validation/definitions.ts';
import { writeJson, writeJsonInPieces } from '../fhir/write-json.ts';
import { type LongText, wholeText } from '../values/long-text.ts';
import type { Pace } from '../values/turns.ts';
import type { AnswerFormat } from './answer-format.ts';

/** How the client wants the answer written. */
export type AnswerStyle = {
  readonly format: AnswerFormat;
  readonly pretty: boolean;
  readonly definitions: Definitions;
  /** As `writeJson` knows them. */
  readonly exactNumbers?: boolean;
};

export const contentTypes: Readonly<Record<AnswerFormat, string>> = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
};

/** A Bundle lies around what is kept, and what is kept may be as deep as JSON allows. */
const deepestAnswer = 200;

/** FHIR JSON text in the format of the answer: JSON leaves as it lies, XML is written in steps. */
export function writeText(text: LongText, style: AnswerStyle, pace: Pace): LongText | Promise<LongText> {
  if (style.format === 'json') return style.pretty ? prettyJsonWithPauses(wholeText(text), pace) : text;
  return writeXmlText(wholeText(text), style, pace);
}

async function writeXmlText(text: string, style: AnswerStyle, pace: Pace): Promise<string> {
  const parsed = await parseWithPauses(beginFhirJson(text, deepestAnswer), pace);
  if (!parsed.ok) throw new Error(`an answer is not FHIR JSON: ${parsed.message}`);
  return writeLargeXml(parsed.value as JsonObject, style, pace);
}

/** A resource that was made for this answer, in steps where it is large. */
export function writeResource(
  resource: object,
  style: AnswerStyle,
  pace: Pace,
): LongText | Promise<LongText> {
  if (!hasMoreValues(resource, mostAtOnce)) return writeObject(resource, style);
  if (style.format === 'xml') return writeLargeXml(resource as JsonObject, style, pace);
  const pieces = writeJsonInPieces(resource, pace, style.exactNumbers);
  return style.pretty ? pieces.then((text) => prettyJsonWithPauses(wholeText(text), pace)) : pieces;
}

/** To write so many values takes a few milliseconds. */
const mostAtOnce = 5000;

async function writeLargeXml(
  resource: JsonObject,
  { definitions, pretty }: AnswerStyle,
  pace: Pace,
): Promise<string> {
  try {
    return await toXmlWithPauses(resource, definitions, { pretty, pause: pace });
  } catch (cause) {
    throw notAsXml(cause);
  }
}

/** The same at a stretch. */
export function writeObject(resource: object, style: AnswerStyle): string {
  if (style.format === 'xml') return writeXml(resource as JsonObject, style);
  const text = writeJson(resource, style.exactNumbers === true);
  return style.pretty ? prettyJson(text) : text;
}

function writeXml(resource: JsonObject, { definitions, pretty }: AnswerStyle): string {
  try {
    return toXml(resource, definitions, { pretty });
  } catch (cause) {
    throw notAsXml(cause);
  }
}

function notAsXml(cause: unknown): unknown {
  if (!(cause instanceof XmlFault)) return cause;
  const text = `The answer cannot be written as XML (${cause.message}); ask for application/fhir+json`;
  return new Problem('not-acceptable', text, { cause });
}
