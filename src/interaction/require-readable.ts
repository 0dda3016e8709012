import { beginFhirJson, type ParsedJson, parseFhirJson } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import { parseWithPauses } from '../fhir/stepwise-parse.ts';
import type { Pace } from '../values/turns.ts';

/** How JSON writes what is no character of a FHIR string: a control character, or half of one beyond U+FFFF. */
const odd = /\\(?:u(?:00[01]|d[89a-f])|[bf])/;
/** An object whose members are all absent is empty. */
const empty = '{}';
/** Of the longest of what is looked for. */
const suspectLength = 6;

/** So much is looked at at a stretch. */
const stretch = 1024 * 1024;

/**
 * Throws 400 of a text that nobody could read again. What pages and other servers tell has not come through the reader of
 * bodies, which refuses it.
 */
export function requireReadable(text: string): void {
  if (isSuspect(text)) refuseUnread(parseFhirJson(text));
}

/** The same of a long text. */
export async function requireLargeReadable(text: string, pace: Pace): Promise<void> {
  for (let at = 0; at < text.length; at += stretch) {
    await pace();
    if (!isSuspect(text.slice(at, at + stretch + suspectLength))) continue;
    return refuseUnread(await parseWithPauses(beginFhirJson(text), pace));
  }
}

function isSuspect(text: string): boolean {
  // Most have no escape at all, which is found much faster.
  return text.includes(empty) || (text.includes('\\') && odd.test(text));
}

function refuseUnread(read: ParsedJson): void {
  if (read.ok) return;
  const { message, expression } = read;
  throw new Problem('invalid-content', `The resource is not FHIR JSON: ${message}`, {
    expression: expression === '' ? undefined : expression,
  });
}
