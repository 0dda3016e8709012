import type { ApplicationCode, ErrorCode, Finding } from '../finding.ts';
import { placeName, quote } from '../guide/finding-text.ts';
import type { Hit } from './detections.ts';

/** What is told of a hit; undefined where a sender is not told of it. */
export function hitFinding({ row, location, value }: Hit): Finding | undefined {
  if (!row.tell) return undefined;
  const said = value === undefined ? '' : ` ${quote(value)}`;
  const application = applicationCodeOf(row.is);
  return {
    severity: row.tell,
    code: errorCodeOf(row.is, location.field),
    ...(application && { application }),
    detection: row.code,
    location,
    text: `${placeName(location)}${said}: ${row.of} is ${row.is}.`,
  };
}

function errorCodeOf(is: string, field: number | undefined): ErrorCode {
  if (is === 'missing') return field === undefined ? '100' : '101';
  return is === 'not in its table' ? '103' : '102';
}

function applicationCodeOf(is: string): ApplicationCode | undefined {
  if (is === 'missing') return '7';
  if (is === 'not in its table') return '5';
  if (is === 'invalid') return '4';
  return /date|birth|future|before|after/.test(is) ? '1' : '3';
}
