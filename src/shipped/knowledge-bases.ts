import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ndcSystem, ndcsMeantBy } from '../fhir/terminology/ndc.ts';
import { isTranslation } from '../fhir/terminology/translate-code.ts';
import { assembleSchedules } from '../forecast/assemble-schedules.ts';
import { compileSchedule, sharedParts } from '../forecast/compile-schedule.ts';
import type { OverlayData } from '../forecast/overlay-data.ts';
import { isOverlay, parseOverlay } from '../forecast/read-overlay.ts';
import { parseScheduleData } from '../forecast/read-schedule-data.ts';
import { cdcScheduleId, type ScheduleData } from '../forecast/schedule-data.ts';
import { ScheduleError } from '../forecast/schedule-error.ts';
import type { KnowledgeBases } from '../registry/forecasting/choose-knowledge-base.ts';
import { codeSystem } from '../registry/forecasting/code-systems.ts';
import { toKnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import { OperatorError } from '../values/operator-error.ts';
import { type CvxCode, parseCvxCode } from '../values/vaccine-code.ts';
import { once, packageRoot } from './package-files.ts';
import { shippedTerminology } from './terminology.ts';

const shippedFolder = join(packageRoot, 'schedules');
const shippedParts = once(() => [...readFolder(shippedFolder), ...readFolder(join(packageRoot, 'overlays'))]);
/** Those that ship alone, CDC's newest first. */
export const shippedSchedules = once(() => assemble(shippedParts()));

/** What an import keeps beside what ships: the text of a schedule or of an overlay, and where it lies. */
export type KeptSchedule = { readonly place: string; readonly text: string };

/**
 * The schedules that ship with the package, and those that were imported: kept in the store, or put into
 * JENNER_DATA/schedules by an earlier version. Of two files of one id and version the one that was imported counts. CDC's
 * newest comes first. Throws an OperatorError that names the file that cannot be used.
 */
export function loadKnowledgeBases(dataFolder: string, kept: readonly KeptSchedule[] = []): KnowledgeBases {
  const own = ownParts(dataFolder, kept);
  return own.length === 0 ? shippedSchedules() : assemble([...shippedParts(), ...own]);
}

function ownParts(dataFolder: string, kept: readonly KeptSchedule[]): readonly SchedulePart[] {
  return [...readFolder(join(dataFolder, 'schedules')), ...kept.map(readPart)];
}

/** The codes that errata correct, right or wrong. */
export function correctedCodes(dataFolder: string, kept: readonly KeptSchedule[]): ReadonlySet<string> {
  const overlays = [...shippedParts(), ...ownParts(dataFolder, kept)].flatMap((part) =>
    part.kind === 'overlay' ? part.data.changes : [],
  );
  return new Set(
    overlays.flatMap((change) => (change.operation === 'correct-code' ? change.target.code : [])),
  );
}

/** A schedule or an overlay as it was read. */
export type SchedulePart = { readonly place: string; readonly key: string } & (
  | { readonly kind: 'schedule'; readonly data: ScheduleData }
  | { readonly kind: 'overlay'; readonly data: OverlayData }
);

/** Throws an OperatorError that names the place, and what is wrong. */
export function readPart({ place, text }: KeptSchedule): SchedulePart {
  return saying(place, () => {
    if (isOverlay(text)) {
      const data = parseOverlay(text);
      return { place, kind: 'overlay', data, key: `${data.id}|${data.version}` };
    }
    const data = parseScheduleData(text);
    return { place, kind: 'schedule', data, key: `${data.id ?? cdcScheduleId}|${data.version}` };
  });
}

function saying<T>(place: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof ScheduleError)) throw cause;
    throw new OperatorError(`${place}: ${cause.message}`, { cause });
  }
}

function assemble(parts: readonly SchedulePart[]): KnowledgeBases {
  // An amendment bears the id of what it amends.
  const byKey = new Map(parts.map((part) => [`${part.kind} ${part.key}`, part]));
  const latest = [...byKey.values()];
  const found = assembleSchedules({
    schedules: latest.flatMap((part) => (part.kind === 'schedule' ? part.data : [])),
    overlays: latest.flatMap((part) => (part.kind === 'overlay' ? part.data : [])),
  });
  const sharing = sharedParts();
  const [newest, ...others] = found.map((data) => {
    const made = toKnowledgeBase(data, compileSchedule(data, sharing), cvxOf);
    const { amendment } = data;
    if (amendment === undefined || isShippedOverlay(`${cdcScheduleId}|${amendment}`)) return made;
    return { ...made, amendment };
  });
  if (!newest) throw new OperatorError(`no schedule in ${shippedFolder}`);
  return [newest, ...others];
}

/** Whether an overlay of that `ID|VERSION` comes with the package. */
export function isShippedOverlay(key: string): boolean {
  return shippedParts().some((part) => part.kind === 'overlay' && part.key === key);
}

function readFolder(folder: string): readonly SchedulePart[] {
  return scheduleFiles(folder).map((place) => readPart({ place, text: readFileSync(place, 'utf8') }));
}

const cvxKept = 20_000;
const knownCvx = new Map<string, readonly CvxCode[]>();

/** The CVX codes that a code of another system stands for. The same few products come all the time. */
export function cvxOf(system: string, code: string): readonly CvxCode[] {
  const key = `${system}|${code}`;
  const known = knownCvx.get(key);
  if (known) return known;
  if (knownCvx.size >= cvxKept) knownCvx.clear();
  const found = lookUpCvx(system, code);
  knownCvx.set(key, found);
  return found;
}

/** By the concept maps that ship. */
function lookUpCvx(system: string, code: string): readonly CvxCode[] {
  const terminology = shippedTerminology();
  const codes = formsToLookUp(system, code).flatMap((form) =>
    terminology.conceptMaps.flatMap((map) =>
      map
        .translate({ system, code: form, targetSystem: codeSystem.cvx, reverse: false }, terminology)
        .filter(isTranslation)
        .flatMap(({ concept }) => parseCvxCode(concept?.code ?? '') ?? []),
    ),
  );
  return [...new Set(codes)];
}

function formsToLookUp(system: string, code: string): readonly string[] {
  return system === ndcSystem ? ndcsMeantBy(code) : [code];
}

function scheduleFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  }
}
