import type { ApplicationCode, ErrorCode, Finding } from '../finding.ts';
import { placeName, quote } from '../guide/finding-text.ts';
import type { DetectionRow } from './detection-document.ts';
import type { Hit } from './detections.ts';

/** What is told of a hit; undefined where a sender is not told of it. */
export function hitFinding({ row, location, value }: Hit): Finding | undefined {
  if (!row.tell) return undefined;
  const said = value === undefined ? '' : ` ${quote(value)}`;
  // What is told for information alone is no error of any kind.
  const isError = row.tell !== 'I';
  return {
    severity: row.tell,
    code: isError ? errorCodeOf(row.is, location.field) : '0',
    ...(isError && { application: applicationCodeOf(row) }),
    detection: row.code,
    location,
    text: `${placeName(location)}${said}: ${row.of} is ${row.is}.`,
  };
}

function errorCodeOf(is: string, field: number | undefined): ErrorCode {
  if (is === 'missing') return field === undefined ? '100' : '101';
  return is === 'not in its table' ? '103' : '102';
}

function applicationCodeOf({ of, is }: DetectionRow): ApplicationCode {
  if (is === 'missing') return '7';
  if (is === 'not in its table') return '5';
  if (is === 'invalid') return '4';
  return /\bdate\b/.test(of) ? '1' : '3';
}
