import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeFaults } from '../forecast/check-digit.ts';
import type { OverlayData } from '../forecast/overlay-data.ts';
import { cdcScheduleId, type ScheduleData } from '../forecast/schedule-data.ts';
import { diffSchedules } from '../forecast/schedule-diff.ts';
import {
  chooseKnowledgeBase,
  type KnowledgeBases,
  parseKnowledgeBase,
} from '../registry/forecasting/choose-knowledge-base.ts';
import { followedSchedules } from '../registry/forecasting/followed-schedules.ts';
import type { KnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import type { ScheduleSettings } from '../registry/forecasting/patient-schedule.ts';
import { formatSchedule } from '../registry/schedule-import/format-schedule.ts';
import { importSchedule } from '../registry/schedule-import/import-schedule.ts';
import { releaseVersion } from '../registry/schedule-import/release-version.ts';
import { type EpochDay, formatEpochDay } from '../values/epoch-day.ts';
import { OperatorError } from '../values/operator-error.ts';

/** Where imported schedules and overlays are kept, beside what ships. */
export type ScheduleKeeper = {
  /** Reads the text and makes all schedules with it; throws where it is none, or they cannot be made. */
  readonly tryOut: (place: string, text: string) => Promise<TriedSchedule>;
  readonly keep: (tried: TriedSchedule, text: string) => Promise<void>;
};

export type TriedSchedule = {
  /** `ID|VERSION`. */
  readonly key: string;
  /** Codes that errata speak of. */
  readonly corrected: ReadonlySet<string>;
  /** All that there are with it. */
  readonly knowledgeBases: KnowledgeBases;
} & (
  | { readonly kind: 'schedule'; readonly data: ScheduleData }
  | { readonly kind: 'overlay'; readonly data: OverlayData }
);

type ImportOptions = {
  /** A folder with the XML files of one release of CDC's supporting data, or a JSON file with a schedule or an overlay. */
  readonly path: string;
  /** Of a release beside whose XML files no release notes lie. */
  readonly version?: string;
  readonly keeper: ScheduleKeeper;
  readonly today: EpochDay;
  readonly log: (line: string) => void;
};

/** Keeps a schedule or an overlay and says so in one line. Keeps nothing that is not whole, or that nothing comes of. */
export async function importScheduleFrom({
  path,
  version,
  keeper,
  today,
  log,
}: ImportOptions): Promise<void> {
  const isFolder = (await stat(path)).isDirectory();
  const text = isFolder ? formatSchedule(await readRelease(path, version)) : await readFile(path, 'utf8');
  const tried = await keeper.tryOut(path, text);
  await keeper.keep(tried, text);
  if (tried.kind === 'overlay') {
    log(`Overlay ${tried.key}: ${tried.data.changes.length} changes`);
    for (const line of notFollowedYet(tried, today)) log(line);
    return;
  }
  log(summaryOf(tried.data));
  for (const { text: fault, code } of codeFaults(tried.data)) {
    log(`warning: ${fault}${tried.corrected.has(code) ? '; an erratum corrects it' : ''}`);
  }
}

/** Which version of its id is followed instead, where another is today. */
function notFollowedYet({ key, data, knowledgeBases }: TriedSchedule, today: EpochDay): readonly string[] {
  const ofId = knowledgeBases.filter(({ id }) => id === data.id);
  if (ofId.length < 2) return [];
  const followed = chooseKnowledgeBase(knowledgeBases, { base: data.id ?? cdcScheduleId }, today);
  if (followed.name === key) return [];
  const { effective } = data;
  if (effective !== undefined && effective > formatEpochDay(today)) {
    return [`  followed from ${effective} on; until then ${followed.name}`];
  }
  return [`  warning: not followed unless it is named: ${followed.name} is later`];
}

/** A release, compiled. Throws where it is not whole. */
async function readRelease(directory: string, asked: string | undefined): Promise<ScheduleData> {
  const names = (await readdir(directory)).sort();
  const version = asked ?? releaseVersion(names);
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
  return importSchedule(files, version);
}

/** One line a schedule, the one that is followed first, and below it how far it may be trusted on the day. */
export function listSchedules(settings: ScheduleSettings, day: EpochDay): string {
  const { knowledgeBases } = settings;
  const [followed] = followedSchedules(settings, day);
  const lines = knowledgeBases.flatMap((each) => [
    [
      shortName(each),
      ...(each.amendment === undefined ? [] : [`amended by ${each.amendment}`]),
      ...(each === followed
        ? ['followed unless another is asked for']
        : inItsTurn(each, knowledgeBases, day)),
    ].join(', '),
    ...each.warningsOn(day).map((text) => `  warning: ${text}`),
  ]);
  return `${lines.join('\n')}\n`;
}

/** Of several versions of one id, which is meant by the id alone. */
function inItsTurn({ id, name }: KnowledgeBase, bases: KnowledgeBases, day: EpochDay): readonly string[] {
  if (bases.filter((each) => each.id === id).length < 2) return [];
  return chooseKnowledgeBase(bases, { base: id }, day).name === name
    ? [`followed where ${id} is asked for`]
    : [];
}

/** CDC's schedule is known by its version alone. */
function shortName({ id, version, name }: KnowledgeBase): string {
  return id === cdcScheduleId ? version : name;
}

/** Where two schedules differ, a line each, and how many there are. */
export function diffOf(
  knowledgeBases: KnowledgeBases,
  [a, b]: readonly [a: string, b: string],
  day: EpochDay,
): string {
  const [first, second] = [a, b].map((name) => scheduleNamed(knowledgeBases, name, day));
  if (!first || !second) throw new Error('two names make two schedules');
  const lines = diffSchedules(first.data, second.data);
  return `${[...lines, `${first.name} and ${second.name}: ${lines.length} differences`].join('\n')}\n`;
}

/** `ID`, `ID|VERSION`, or a version of CDC's. */
function scheduleNamed(knowledgeBases: KnowledgeBases, name: string, day: EpochDay): KnowledgeBase {
  const isVersion = /^[0-9]/.test(name);
  const choice = isVersion ? { base: cdcScheduleId, version: name } : parseKnowledgeBase(name);
  return chooseKnowledgeBase(knowledgeBases, choice, day);
}

function summaryOf(data: ScheduleData): string {
  const series = data.antigens.flatMap((antigen) => antigen.series);
  const doses = series.reduce((sum, each) => sum + each.doses.length, 0);
  return (
    `Schedule ${data.version}: ${data.antigens.length} antigens, ${series.length} series, ${doses} doses, ` +
    `${data.vaccines.length} vaccines, ${data.vaccineConflicts.length} vaccine conflicts, ` +
    `${data.vaccineGroups.length} vaccine groups, ${data.observations.length} observations`
  );
}
