/** Orders versions by their numbers and words: 4.9 comes before 4.10, and 4.64 before 4.64-508. */
export function compareScheduleVersions(a: string, b: string): number {
  const [left, right] = [segmentsOf(a), segmentsOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = compareSegments(left[i], right[i]);
    if (difference !== 0) return difference;
  }
  return a === b ? 0 : a < b ? -1 : 1;
}

type Release = { readonly version: string; readonly effective?: string | undefined };

/** Orders releases of one id: by the day from which they are in effect, then by their versions. */
export function compareReleases(a: Release, b: Release): number {
  const [left = '', right = ''] = [a.effective, b.effective];
  if (left !== right) return left < right ? -1 : 1;
  return compareScheduleVersions(a.version, b.version);
}

/** The installed versions that were asked for: one of just that name, else those that go on: "4.64" also asks for 4.64-508. */
export function versionsMeant(installed: readonly string[], asked: string): readonly string[] {
  if (installed.includes(asked)) return [asked];
  const wanted = segmentsOf(asked);
  if (wanted.length === 0) return [];
  return installed.filter((version) => startsWith(segmentsOf(version), wanted));
}

/** From the first to the last of a range, both included, and what begins as the last does. */
export function isWithin(version: string, range: { readonly from: string; readonly to?: string }): boolean {
  const { from, to } = range;
  if (compareScheduleVersions(version, from) < 0) return false;
  if (to === undefined || compareScheduleVersions(version, to) <= 0) return true;
  return startsWith(segmentsOf(version), segmentsOf(to));
}

type Segment = number | string;

/** Numbers count as numbers, words as lower case; what lies between them does not count. */
function segmentsOf(version: string): readonly Segment[] {
  const found = version.toLowerCase().match(/[0-9]+|\p{L}+/gu) ?? [];
  return found.map((segment) => (/^[0-9]/.test(segment) ? Number(segment) : segment));
}

/** Nothing comes before words, and words before numbers: 2026-draft before 2026-1. */
function compareSegments(a: Segment | undefined, b: Segment | undefined): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return a === b ? 0 : String(a) < String(b) ? -1 : 1;
}

function rankOf(segment: Segment | undefined): number {
  if (segment === undefined) return 0;
  return typeof segment === 'number' ? 2 : 1;
}

function startsWith(segments: readonly Segment[], start: readonly Segment[]): boolean {
  return start.every((segment, i) => segments[i] === segment);
}
