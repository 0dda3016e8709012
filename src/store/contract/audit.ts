import type { Brand } from '../../values/brand.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { type Cursor, type HasGone, InvalidCursorError, type ResourceKey } from './asked.ts';

/** R4 AuditEvent.action: create, read, update, delete, execute. */
export type AuditAction = 'C' | 'R' | 'U' | 'D' | 'E';

/** R4 AuditEvent.outcome: success, minor failure, serious failure, major failure. */
export type AuditOutcome = 0 | 4 | 8 | 12;

/** Who did it, as who did it was known then. */
export type AuditAgent = {
  readonly name: string;
  /** The client_id. */
  readonly client?: string;
  /** The login. */
  readonly user?: string;
  readonly role?: string;
  /** `Practitioner/x`, `Patient/x` …: whom the account stands for. */
  readonly fhirUser?: string;
  /** Id of the Organization that it acts for. */
  readonly organization?: string;
};

/** A resource that was seen or written; a version where one is known. */
export type AuditedKey = ResourceKey & { readonly versionId?: number };

/** Names a row; ids go by time. */
export type AuditId = Brand<string, 'AuditId'>;

/** One thing that somebody did, kept for good: nothing changes it, and only the expiry of its month ends it. */
export type AuditRow = {
  readonly id: AuditId;
  readonly at: EpochMs;
  readonly agent: AuditAgent;
  /** The address it came from. */
  readonly from?: string;
  readonly action: AuditAction;
  /** As CapabilityStatement names it, `operation` with its code: `operation $everything`. */
  readonly interaction: string;
  readonly what: readonly AuditedKey[];
  /** What was asked for, as the client sent it. */
  readonly query?: string;
  /** Ids of all Patients whose data was in it, each once. */
  readonly patients: readonly ResourceId[];
  /** A code of v3-ActReason. */
  readonly purpose?: string;
  /** The reason that was given in words. */
  readonly why?: string;
  readonly outcome: AuditOutcome;
  readonly breakGlass?: true;
};

/** All that is said must hold. */
export type AuditQuery = {
  /** Data of one of them was in it. */
  readonly patients?: readonly string[];
  /** The name, client, user or fhirUser of who did it. */
  readonly agent?: string;
  /** At or after it. */
  readonly from?: EpochMs;
  /** At or before it. */
  readonly to?: EpochMs;
  readonly actions?: readonly AuditAction[];
  readonly outcomes?: readonly AuditOutcome[];
  readonly count: number;
  readonly after?: Cursor;
  readonly hasGone?: HasGone;
};

/** Newest first; what was done in the same millisecond in the order of the ids, the greatest first. */
export type AuditPage = { readonly rows: readonly AuditRow[]; readonly next?: Cursor };

/** So many patients do the rows of one page name, one row at least: a row may name thousands. */
export const mostNamed = 50_000;

/** The page of what was found, up to the row with which it names as many as a page may; what is left is the next one. */
export function toAuditPage(found: readonly AuditRow[], count: number): AuditPage {
  let named = 0;
  const over = found.findIndex(({ patients }) => {
    named += patients.length;
    return named > mostNamed;
  });
  const rows = found.slice(0, over < 0 ? count : Math.min(count, Math.max(over, 1)));
  const last = rows.at(-1);
  return { rows, ...(last && found.length > rows.length && { next: last.id }) };
}

/** `YYYYMM`, in UTC: rows of a month lie together, and are dropped together. */
export type AuditMonth = Brand<string, 'AuditMonth'>;

export function auditMonthOf(at: EpochMs): AuditMonth {
  return formatInstant(at).slice(0, 7).replace('-', '') as AuditMonth;
}

const timeDigits = 11;
const saltDigits = 12;
const idShape = /^[0-9a-f]{11}-[0-9a-f]{12}$/;

/** `salt` is one of 2^48 numbers, drawn so that no two rows of a millisecond have the same. */
export function toAuditId(at: EpochMs, salt: number): AuditId {
  return `${hex(at, timeDigits)}-${hex(salt, saltDigits)}` as AuditId;
}

/** The ids of all rows that were made at that time are greater than it, and those of all before are less. */
export function leastAuditId(at: EpochMs): string {
  return hex(Math.max(at, 0), timeDigits);
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}

/** Undefined when no row can have it. */
export function parseAuditId(text: string): AuditId | undefined {
  return idShape.test(text) ? (text as AuditId) : undefined;
}

/** What an id is made of. */
export function partsOfAuditId(id: AuditId): { readonly at: EpochMs; readonly salt: number } {
  const at = Number.parseInt(id.slice(0, timeDigits), 16) as EpochMs;
  return { at, salt: Number.parseInt(id.slice(timeDigits + 1), 16) };
}

/** The row that a page ended with; throws InvalidCursorError for what is no such cursor. */
export function readAuditCursor(cursor: Cursor): AuditId {
  const id = parseAuditId(cursor);
  if (id === undefined) throw new InvalidCursorError('The cursor was not made by this store for an audit.');
  return id;
}

/** What an agent can be asked for by. */
export function namesOfAgent({ name, client, user, fhirUser }: AuditAgent): readonly string[] {
  return [...new Set([name, client, user, fhirUser].filter((one) => one !== undefined))];
}
