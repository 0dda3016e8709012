import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScheduleData } from '../forecast/schedule-data.ts';
import type { KnowledgeBases } from '../registry/forecasting/choose-knowledge-base.ts';
import { formatSchedule } from '../registry/schedule-import/format-schedule.ts';
import { importSchedule } from '../registry/schedule-import/import-schedule.ts';
import { releaseVersion } from '../registry/schedule-import/release-version.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import { OperatorError } from '../values/operator-error.ts';

type ImportOptions = {
  /** Holds the XML files of one release of CDC's supporting data. */
  readonly directory: string;
  readonly outDirectory: string;
  /** Needed when no release notes lie beside the XML files. */
  readonly version?: string;
  readonly log: (line: string) => void;
};

/** Compiles a release to `<outDirectory>/<version>.json` and says so in one line. Writes nothing if it is not whole. */
export async function importScheduleDirectory(
  options: ImportOptions,
): Promise<{ readonly version: string; readonly file: string }> {
  const { directory, outDirectory, log } = options;
  const names = (await readdir(directory)).sort();
  const version = options.version ?? releaseVersion(names);
  if (version === undefined) {
    throw new OperatorError(
      `${directory} holds no "Release Notes <version>" file: give the version of this release`,
    );
  }
  const files = new Map<string, string>();
  for (const name of names.filter((each) => /\.xml$/i.test(each))) {
    files.set(name, await readFile(join(directory, name), 'utf8'));
  }
  if (files.size === 0) throw new OperatorError(`${directory} holds no XML file`);
  const data = importSchedule(files, version);
  const file = join(outDirectory, `${version}.json`);
  await mkdir(outDirectory, { recursive: true });
  await writeFile(`${file}.part`, formatSchedule(data));
  await rename(`${file}.part`, file);
  log(summaryOf(data, file));
  return { version, file };
}

/** One line a version, the one that is followed first, and below it how far it may be trusted on the day. */
export function listSchedules(knowledgeBases: KnowledgeBases, day: EpochDay): string {
  const lines = knowledgeBases.flatMap(({ version, warningsOn }, i) => [
    `${version}${i === 0 ? ', followed unless another is asked for' : ''}`,
    ...warningsOn(day).map((text) => `  warning: ${text}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function summaryOf(data: ScheduleData, file: string): string {
  const series = data.antigens.flatMap((antigen) => antigen.series);
  const doses = series.reduce((sum, each) => sum + each.doses.length, 0);
  return (
    `Schedule ${data.version}: ${data.antigens.length} antigens, ${series.length} series, ${doses} doses, ` +
    `${data.vaccines.length} vaccines, ${data.vaccineConflicts.length} vaccine conflicts, ` +
    `${data.vaccineGroups.length} vaccine groups, ${data.observations.length} observations -> ${file}`
  );
}
