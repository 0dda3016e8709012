import { readScheduleData } from '../../forecast/read-schedule-data.ts';
import type { AntigenData, ScheduleData } from '../../forecast/schedule-data.ts';
import { ScheduleError } from '../../forecast/schedule-error.ts';
import { antigenData } from './antigen-data.ts';
import { ScheduleImportError } from './schedule-import-error.ts';
import { sharedData } from './shared-data.ts';
import { antigenShape, checkRoot, scheduleShape } from './supporting-data-shape.ts';
import { parseXml, type XmlElement } from './xml-element.ts';

/** The text of each XML file of a release of CDC's supporting data, by file name. */
export type ReleaseFiles = ReadonlyMap<string, string>;

/**
 * Compiles a release into Jenner's form. Whatever it does not know, cannot read or misses stops it with a
 * ScheduleImportError: a rule that is silently left out would become a wrong forecast.
 */
export function importSchedule(files: ReleaseFiles, version: string): ScheduleData {
  const roots = [...files].map(([file, text]) => parseXml(file, text));
  const antigenRoots: XmlElement[] = [];
  const sharedRoots: XmlElement[] = [];
  for (const root of roots) {
    checkRoot(root, { ...antigenShape, ...scheduleShape });
    (root.name === 'scheduleSupportingData' ? sharedRoots : antigenRoots).push(root);
  }
  const [shared, second] = sharedRoots;
  if (!shared) {
    throw new ScheduleImportError('ScheduleSupportingData.xml', undefined, 'is missing in the release');
  }
  if (second) throw new ScheduleImportError(second.file, undefined, `repeats what ${shared.file} holds`);
  const antigenFiles = antigensByName(antigenRoots);
  const data: ScheduleData = {
    version,
    ...sharedData(shared),
    antigens: [...antigenFiles.values()].map(({ data }) => data),
  };
  checkAntigenFiles(data, shared.file);
  return checked(data, (antigen) => antigenFiles.get(antigen)?.file ?? shared.file, shared.file);
}

type AntigenFile = { readonly file: string; readonly data: AntigenData };

function antigensByName(roots: readonly XmlElement[]): ReadonlyMap<string, AntigenFile> {
  const found = roots.map((root) => ({ file: root.file, data: antigenData(root) }));
  found.sort((a, b) => (a.data.antigen < b.data.antigen ? -1 : 1));
  const byName = new Map<string, AntigenFile>();
  for (const each of found) {
    const { antigen } = each.data;
    const other = byName.get(antigen);
    if (other) throw new ScheduleImportError(each.file, undefined, `"${antigen}" is also in ${other.file}`);
    byName.set(antigen, each);
  }
  return byName;
}

function checkAntigenFiles({ vaccineGroups, antigens }: ScheduleData, sharedFile: string): void {
  const present = new Set(antigens.map((each) => each.antigen));
  const missing = vaccineGroups.flatMap((group) => group.antigens).find((antigen) => !present.has(antigen));
  if (missing === undefined) return;
  throw new ScheduleImportError(
    `AntigenSupportingData- ${missing}`,
    undefined,
    `is missing in the release, but ${sharedFile} names the antigen "${missing}" in vaccineGroupToAntigenMap`,
  );
}

/** The check that every schedule passes when it is loaded, with its finding laid at the door of a file. */
function checked(data: ScheduleData, fileOf: (antigen: string) => string, sharedFile: string): ScheduleData {
  try {
    return readScheduleData(data);
  } catch (cause) {
    if (!(cause instanceof ScheduleError)) throw cause;
    const index = /^antigens\[([0-9]+)\]/.exec(cause.path)?.[1];
    const antigen = index === undefined ? undefined : data.antigens[Number(index)]?.antigen;
    const file = antigen === undefined ? sharedFile : fileOf(antigen);
    throw new ScheduleImportError(file, cause.path, cause.reason);
  }
}
