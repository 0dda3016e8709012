import { ChangeRefusal } from './change-refusal.ts';
import { applyChange } from './overlay-changes.ts';
import type { BaseRange, ChangeData, OverlayData } from './overlay-data.ts';
import { type AppliedChange, cdcScheduleId, type ScheduleData } from './schedule-data.ts';
import { ScheduleError } from './schedule-error.ts';
import { checkReferences } from './schedule-references.ts';
import { compareReleases, isWithin } from './schedule-version.ts';

/**
 * One schedule of a base and an overlay. Throws a ScheduleError that names the change: its target is not in the base, or
 * what it makes is no schedule (seasons that overlap, a name that nothing has). So it does for a base out of the range.
 */
export function applyOverlay(base: ScheduleData, overlay: OverlayData): ScheduleData {
  requireInRange(base, overlay.base);
  requireHead(overlay);
  const changed = overlay.changes.reduce(changeAt, base);
  try {
    checkReferences(changed);
  } catch (cause) {
    throw blamed(base, overlay.changes) ?? cause;
  }
  return { ...changed, ...headOf(base, overlay) };
}

/** Whether the base is one of those that the overlay is for. */
export function isBaseOf({ id, version }: ScheduleData, base: BaseRange): boolean {
  return (id ?? cdcScheduleId) === base.id && isWithin(version, base);
}

function requireInRange(data: ScheduleData, range: BaseRange): void {
  if (isBaseOf(data, range)) return;
  const meant = range.to === undefined ? `${range.from} or later` : `${range.from} to ${range.to}`;
  const found = `${data.id ?? cdcScheduleId} ${data.version}`;
  throw new ScheduleError('base', `expected ${range.id} ${meant}, found ${found}`);
}

/** Advice is somebody's, and is in effect before it expires. */
function requireHead({ id, base, authorities, effective, expires, changes }: OverlayData): void {
  if (id !== base.id && authorities.length === 0 && changes.length > 0) {
    throw new ScheduleError(
      'authorities',
      'expected whose advice it is; only an amendment has none of its own',
    );
  }
  if (effective !== undefined && expires !== undefined && expires < effective) {
    throw new ScheduleError('expires', `${expires} is before effective, ${effective}`);
  }
}

/** An amendment stays what it amends, under the same version. */
function headOf(base: ScheduleData, overlay: OverlayData): Partial<ScheduleData> {
  const changes = [...(base.changes ?? []), ...overlay.changes.map(toApplied)];
  if (overlay.id === overlay.base.id) return { changes, amendment: overlay.version };
  const { id, version, authorities, effective, expires } = overlay;
  return {
    id,
    version,
    changes,
    ...(authorities.length > 0 && { authorities }),
    ...(effective !== undefined && { effective }),
    ...(expires !== undefined && { expires }),
  };
}

function toApplied({ operation, target, reason, source }: ChangeData): AppliedChange {
  const antigen = 'antigen' in target ? target.antigen : undefined;
  const series = 'series' in target && typeof target.series === 'string' ? target.series : undefined;
  return {
    operation,
    ...(antigen !== undefined && { antigen }),
    ...(series !== undefined && { series }),
    reason,
    source,
  };
}

function changeAt(data: ScheduleData, change: ChangeData, place: number): ScheduleData {
  try {
    return applyChange(data, change);
  } catch (cause) {
    if (!(cause instanceof ChangeRefusal)) throw cause;
    throw new ScheduleError(nameOf(change, place), cause.message);
  }
}

/** The first change after which it is no schedule. */
function blamed(base: ScheduleData, changes: readonly ChangeData[]): ScheduleError | undefined {
  let data = base;
  for (const [place, change] of changes.entries()) {
    data = changeAt(data, change, place);
    try {
      checkReferences(data);
    } catch (cause) {
      if (!(cause instanceof ScheduleError)) throw cause;
      return new ScheduleError(nameOf(change, place), `${cause.path}: ${cause.reason}`);
    }
  }
  return undefined;
}

/** "changes[3] (set-ages of HepB, HepB 3-dose series, dose 1)" */
function nameOf({ operation, target }: ChangeData, place: number): string {
  const parts = Object.entries(target).map(([key, value]) =>
    key === 'antigen' || key === 'series' ? String(value) : `${key} ${value}`,
  );
  return `changes[${place}] (${operation} of ${parts.join(', ')})`;
}

/** Of several bases that the overlay is for, the latest. */
export function latestBase(bases: readonly ScheduleData[], range: BaseRange): ScheduleData | undefined {
  const fitting = bases.filter((base) => isBaseOf(base, range));
  return fitting.sort(compareReleases).at(-1);
}
