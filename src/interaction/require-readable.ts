import { beginFhirJson, type ParsedJson, parseFhirJson } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import { parseWithPauses } from '../fhir/stepwise-parse.ts';
import type { Pace } from '../values/turns.ts';

/** Of how JSON writes what is no character of a FHIR string: a control character, or half of one beyond U+FFFF. */
const suspect = /\\(?:u(?:00[01]|d[89a-f])|[bf])/;
/** Of the longest of them. */
const suspectLength = 6;

/** So much is looked at at a stretch. */
const stretch = 1024 * 1024;

/**
 * Throws 400 of a text that nobody could read again. What pages and other servers tell has not come through the reader of
 * bodies, which refuses such characters.
 */
export function requireReadable(text: string): void {
  // Most have no escape at all, which is found much faster.
  if (text.includes('\\') && suspect.test(text)) refuseUnread(parseFhirJson(text));
}

/** The same of a long text. */
export async function requireLargeReadable(text: string, pace: Pace): Promise<void> {
  for (let at = 0; at < text.length; at += stretch) {
    await pace();
    if (!suspect.test(text.slice(at, at + stretch + suspectLength))) continue;
    return refuseUnread(await parseWithPauses(beginFhirJson(text), pace));
  }
}

function refuseUnread(read: ParsedJson): void {
  if (read.ok) return;
  const { message, expression } = read;
  throw new Problem('invalid-content', `The resource is not FHIR JSON: ${message}`, {
    expression: expression === '' ? undefined : expression,
  });
}
