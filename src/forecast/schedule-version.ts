/** Orders versions by their numbers: 4.9 comes before 4.10, and 4.64 before 4.64-508. */
export function compareScheduleVersions(a: string, b: string): number {
  const [left, right] = [segmentsOf(a), segmentsOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The installed version that was asked for. "4.64" also asks for 4.64-508; of several that fit, the latest is meant.
 * Undefined: none fits.
 */
export function pickScheduleVersion(installed: readonly string[], asked: string): string | undefined {
  const wanted = segmentsOf(asked);
  const fitting = installed.filter((version) => startsWith(segmentsOf(version), wanted));
  return fitting.sort(compareScheduleVersions).at(-1);
}

function segmentsOf(version: string): readonly number[] {
  return version.split(/[.-]/).map(Number);
}

function startsWith(segments: readonly number[], start: readonly number[]): boolean {
  return start.every((number, i) => segments[i] === number);
}
