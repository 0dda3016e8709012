import type { ErrorLocation, Finding } from '../finding.ts';
import { placeName } from '../guide/finding-text.ts';
import type { DetectionRow } from './detection-document.ts';
import type { Detections, Hit } from './detections.ts';
import { hitFinding } from './hit-finding.ts';

export const isTold = ({ tell }: DetectionRow): boolean => tell !== undefined;

/**
 * Findings of the guide with the codes of the detections that say the same, and after them what the detections alone found.
 * One place is told of once.
 */
export function withDetections(
  { rows }: Detections,
  findings: readonly Finding[],
  hits: readonly Hit[],
): readonly Finding[] {
  const told = new Set(findings.flatMap(({ location }) => (location ? [placeKey(location)] : [])));
  const others = hits.filter(({ location }) => !told.has(placeKey(location)));
  const seen = new Set<string>();
  const once = others.filter(({ location }) => {
    const key = placeKey(location);
    return !seen.has(key) && Boolean(seen.add(key));
  });
  const codes = codesByPlace(rows);
  const coded = findings.map((finding) => {
    const code = finding.detection ?? codes.get(`${placeOf(finding.location)} ${whatOf(finding)}`);
    return code === undefined ? finding : { detection: code, ...finding };
  });
  return [...coded, ...once.flatMap((hit) => hitFinding(hit) ?? [])];
}

const placeKey = ({ segment, occurrence, field }: ErrorLocation): string =>
  `${segment} ${occurrence} ${field}`;

const placeOf = (location: ErrorLocation | undefined): string => (location ? placeName(location) : '');

/** HL70357 in the words of the detections. */
function whatOf({ code, application }: Finding): string {
  if (code === '101' || code === '100') return 'missing';
  if (code === '103') return 'not in its table';
  return application === '1' ? 'in the future' : 'invalid';
}

const known = new WeakMap<Detections['rows'], ReadonlyMap<string, string>>();

/** `PID-7 missing` is MQE0118. A component's finding is that of its field where it has no code of its own. */
function codesByPlace(rows: Detections['rows']): ReadonlyMap<string, string> {
  const held = known.get(rows);
  if (held) return held;
  const codes = new Map<string, string>();
  for (const { code, at, is } of rows.values()) {
    const key = `${at} ${is}`;
    if (at !== undefined && !codes.has(key)) codes.set(key, code);
  }
  known.set(rows, codes);
  return codes;
}
