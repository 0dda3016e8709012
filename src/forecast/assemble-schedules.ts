import { applyOverlay, isBaseOf, latestBase } from './apply-overlay.ts';
import type { OverlayData } from './overlay-data.ts';
import { cdcScheduleId, type ScheduleData } from './schedule-data.ts';
import { ScheduleError } from './schedule-error.ts';
import { compareReleases } from './schedule-version.ts';

export type ScheduleParts = {
  readonly schedules: readonly ScheduleData[];
  readonly overlays: readonly OverlayData[];
};

/**
 * All schedules that there are: what was released, amended by the latest amendment for it, and each overlay over the
 * latest of these that it is for. CDC's come first, then by id; of one id the latest first. Throws a ScheduleError that
 * names the overlay where one has no base, or cannot be made.
 */
export function assembleSchedules({ schedules, overlays }: ScheduleParts): readonly ScheduleData[] {
  const amendments = overlays.filter(isAmendment);
  const bases = schedules.map((schedule) => amended(schedule, amendments));
  for (const overlay of amendments) requireBase(schedules, overlay);
  const others = overlays.filter((overlay) => !isAmendment(overlay));
  const made = others.map((overlay) =>
    named(overlay, () => applyOverlay(requireBase(bases, overlay), overlay)),
  );
  return [...bases, ...made].sort(byIdAndVersion);
}

function isAmendment({ id, base }: OverlayData): boolean {
  return id === base.id;
}

function amended(schedule: ScheduleData, amendments: readonly OverlayData[]): ScheduleData {
  const fitting = amendments.filter(({ base }) => isBaseOf(schedule, base));
  const latest = fitting.sort(compareReleases).at(-1);
  return latest ? named(latest, () => applyOverlay(schedule, latest)) : schedule;
}

function requireBase(bases: readonly ScheduleData[], overlay: OverlayData): ScheduleData {
  const found = latestBase(bases, overlay.base);
  if (found) return found;
  const { id, from, to } = overlay.base;
  const range = to === undefined ? `${from} or later` : `${from} to ${to}`;
  throw new ScheduleError(nameOf(overlay), `base: there is no ${id} ${range}`);
}

function named<T>(overlay: OverlayData, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof ScheduleError)) throw cause;
    throw new ScheduleError(nameOf(overlay), cause.message);
  }
}

function nameOf({ id, version }: OverlayData): string {
  return `overlay ${id}|${version}`;
}

function byIdAndVersion(a: ScheduleData, b: ScheduleData): number {
  const [left, right] = [a.id ?? cdcScheduleId, b.id ?? cdcScheduleId];
  if (left === right) return compareReleases(b, a);
  if (left === cdcScheduleId || right === cdcScheduleId) return left === cdcScheduleId ? -1 : 1;
  return left < right ? -1 : 1;
}
