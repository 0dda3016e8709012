import { Problem } from '../fhir/problem.ts';
import type { HttpAsked } from '../operation/operation.ts';
import { type OperationAnswer, resourceAnswer } from '../operation/operation-answer.ts';

/** Media types of a message as a text. */
export const er7Types = ['x-application/hl7-v2+er7', 'application/hl7-v2', 'text/plain'] as const;
export const er7Type = 'application/hl7-v2';

/**
 * A message as a Binary, or as the text that it is for who asks for that by Accept: a person reads no base64. `ids`: what
 * the Binary says beside it.
 */
export function er7Answer(asked: HttpAsked | undefined, message: string, ids: object = {}): OperationAnswer {
  const type = er7Asked(asked?.accept ?? '');
  if (type !== undefined) {
    return { kind: 'stream', mediaType: `${type}; charset=utf-8`, chunks: whole(message) };
  }
  return resourceAnswer({
    resourceType: 'Binary',
    ...ids,
    contentType: `${er7Type}; charset=utf-8`,
    data: Buffer.from(message, 'utf8').toString('base64'),
  });
}

async function* whole(text: string): AsyncGenerator<string> {
  yield text;
}

type Range = { readonly type: string; readonly quality: number };

/** The type of a text that is wanted before any of FHIR; undefined where a Binary is. Throws 406 where neither is. */
function er7Asked(accept: string): string | undefined {
  const ranges = accept.split(',').flatMap(readRange);
  const best = (fits: (type: string) => boolean): Range | undefined =>
    ranges.filter(({ type }) => fits(type)).sort((a, b) => b.quality - a.quality)[0];
  const text = best((type) => er7Types.some((one) => one === type) || type === 'text/*');
  const fhir = best((type) => /(?:json|xml)$/.test(type));
  if (text && text.quality >= (fhir?.quality ?? 0)) return text.type === 'text/*' ? 'text/plain' : text.type;
  if (text || fhir || ranges.length === 0 || best((type) => /\*$/.test(type))) return undefined;
  const problem = `A message is answered as ${er7Types.join(', ')}, or as a Binary in FHIR's JSON or XML, not ${accept}`;
  throw new Problem('not-acceptable', problem);
}

function readRange(text: string): readonly Range[] {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
  return type === '' || !(quality > 0) ? [] : [{ type, quality }];
}
