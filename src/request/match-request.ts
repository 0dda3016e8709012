import { Problem } from '../fhir/problem.ts';
import { allowOf, type RequestRow, requestTable } from './request-table.ts';
import { type IdFault, type PathParameters, type RequestTarget, toTarget } from './request-target.ts';

/** A segment of a pattern: this text, or (with a name) any text behind this one. */
type Segment = { readonly text: string; readonly name?: string };
type Pattern = { readonly segments: readonly Segment[]; readonly rows: readonly RequestRow[] };

const patterns: readonly Pattern[] = [...new Set(requestTable.map(({ path }) => path))].map((path) => ({
  segments: segmentsOf(path).map(toSegment),
  rows: requestTable.filter((row) => row.path === path),
}));

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function toSegment(segment: string): Segment {
  const [text = segment, name] = segment.split(':');
  return name === undefined ? { text } : { text, name };
}

/**
 * What a request to a path below the base is. Throws the Problem that HTTP has for it: 404 where there is no such path,
 * 405 where there is one, but not for the method.
 */
export function matchRequest(method: string, path: string, fault: IdFault): RequestTarget {
  const segments = segmentsOf(path).map(decode);
  for (const pattern of patterns) {
    const parameters = matchSegments(pattern.segments, segments);
    if (!parameters) continue;
    const row = pattern.rows.find((one) => one.method === (method === 'HEAD' ? 'GET' : method));
    if (!row) throw noSuchMethod(method, allowOf(pattern.rows.map((one) => one.method)));
    return toTarget(row.name, parameters, fault);
  }
  throw nothingThere(method);
}

export function noSuchMethod(method: string, allow: string): Problem {
  return new Problem('method-not-allowed', `${method} is not possible here; ${allow} are`);
}

export function nothingThere(method: string): Problem {
  return new Problem('not-found', `There is nothing at this URL for ${method}; the FHIR base is /fhir`);
}

function matchSegments(pattern: readonly Segment[], found: readonly string[]): PathParameters | undefined {
  if (pattern.length !== found.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, { text, name }] of pattern.entries()) {
    const segment = found[index] ?? '';
    if (name === undefined ? segment !== text : !segment.startsWith(text)) return undefined;
    if (name !== undefined) parameters[name] = segment.slice(text.length);
  }
  return parameters;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem('invalid-parameter', 'The path of the URL cannot be read');
  }
}
