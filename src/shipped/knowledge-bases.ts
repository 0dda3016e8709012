import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ndcSystem, ndcsMeantBy } from '../fhir/terminology/ndc.ts';
import { isTranslation } from '../fhir/terminology/translate-code.ts';
import { compileSchedule } from '../forecast/compile-schedule.ts';
import { parseScheduleData } from '../forecast/read-schedule-data.ts';
import { ScheduleError } from '../forecast/schedule-error.ts';
import { compareScheduleVersions } from '../forecast/schedule-version.ts';
import type { KnowledgeBases } from '../registry/forecasting/choose-knowledge-base.ts';
import { codeSystem } from '../registry/forecasting/code-systems.ts';
import { type KnowledgeBase, toKnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import { OperatorError } from '../values/operator-error.ts';
import { type CvxCode, parseCvxCode } from '../values/vaccine-code.ts';
import { once, packageRoot } from './package-files.ts';
import { shippedTerminology } from './terminology.ts';

const shippedFolder = join(packageRoot, 'schedules');
const shipped = once(() => scheduleFiles(shippedFolder).map(loadKnowledgeBase));

/**
 * The schedules that ship with the package and those that `jenner schedule import` put into JENNER_DATA/schedules,
 * newest first. Of two files of one version the imported one counts.
 */
export function loadKnowledgeBases(dataFolder: string): KnowledgeBases {
  const imported = scheduleFiles(join(dataFolder, 'schedules')).map(loadKnowledgeBase);
  const byVersion = new Map([...shipped(), ...imported].map((one) => [one.version, one]));
  const [newest, ...others] = [...byVersion.values()].sort((a, b) =>
    compareScheduleVersions(b.version, a.version),
  );
  if (!newest) throw new OperatorError(`no schedule in ${shippedFolder}`);
  return [newest, ...others];
}

function loadKnowledgeBase(path: string): KnowledgeBase {
  const text = readFileSync(path, 'utf8');
  try {
    const data = parseScheduleData(text);
    return toKnowledgeBase(data, compileSchedule(data), cvxOf);
  } catch (cause) {
    if (!(cause instanceof ScheduleError)) throw cause;
    throw new OperatorError(`${path}: ${cause.message}`, { cause });
  }
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
