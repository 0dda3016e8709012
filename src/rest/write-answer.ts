import { type JsonObject, parseFhirJson } from '../fhir/fhir-json.ts';
import { prettyJson } from '../fhir/pretty-json.ts';
import { Problem } from '../fhir/problem.ts';
import { toXml, XmlFault } from '../fhir/to-xml.ts';
import type { Definitions } from '../fhir/validation/definitions.ts';
import type { AnswerFormat } from './answer-format.ts';

/** How the client wants the answer written. */
export type AnswerStyle = {
  readonly format: AnswerFormat;
  readonly pretty: boolean;
  readonly definitions: Definitions;
};

export const contentTypes: Readonly<Record<AnswerFormat, string>> = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
};

/** A Bundle lies around what is kept, and what is kept may be as deep as JSON allows. */
const deepestAnswer = 200;

/** FHIR JSON text in the format of the answer: JSON leaves as it lies. */
export function writeText(text: string, style: AnswerStyle): string {
  if (style.format === 'json') return style.pretty ? prettyJson(text) : text;
  const parsed = parseFhirJson(text, deepestAnswer);
  if (!parsed.ok) throw new Error(`an answer is not FHIR JSON: ${parsed.message}`);
  return writeXml(parsed.value as JsonObject, style);
}

/** A resource that was made for this answer. */
export function writeObject(resource: object, style: AnswerStyle): string {
  if (style.format === 'xml') return writeXml(resource as JsonObject, style);
  const text = JSON.stringify(resource);
  return style.pretty ? prettyJson(text) : text;
}

function writeXml(resource: JsonObject, { definitions, pretty }: AnswerStyle): string {
  try {
    return toXml(resource, definitions, { pretty });
  } catch (cause) {
    if (!(cause instanceof XmlFault)) throw cause;
    const text = `The answer cannot be written as XML (${cause.message}); ask for application/fhir+json`;
    throw new Problem('not-acceptable', text, { cause });
  }
}
