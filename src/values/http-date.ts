import type { EpochMs } from './instant.ts';

/** RFC 9110 section 5.6.7, IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT. */
export function formatHttpDate(at: EpochMs): string {
  return new Date(at).toUTCString();
}

/** Any form of RFC 9110 section 5.6.7; undefined for other text. */
export function parseHttpDate(text: string): EpochMs | undefined {
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : (at as EpochMs);
}
