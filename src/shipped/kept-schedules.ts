import type { KnowledgeBases } from '../registry/forecasting/choose-knowledge-base.ts';
import type { ScheduleSettings } from '../registry/forecasting/patient-schedule.ts';
import type { RecordPage, Store } from '../store/contract/store.ts';
import { OperatorError } from '../values/operator-error.ts';
import {
  correctedCodes,
  isShippedOverlay,
  type KeptSchedule,
  loadKnowledgeBases,
  readPart,
  type SchedulePart,
} from './knowledge-bases.ts';
import { scheduleSettings, type Wanted } from './schedule-settings.ts';

/** The collection of records that hold imported schedules and overlays, so that every server on the store has them. */
const scheduleCollection = 'schedule';

/** What is followed for whom, with what the store keeps. Throws an OperatorError that names what cannot be used. */
export async function readSchedules(
  store: Store,
  wanted: Wanted & { readonly data: string },
): Promise<ScheduleSettings> {
  return scheduleSettings(loadKnowledgeBases(wanted.data, await readKept(store)), wanted);
}

function whatWas(kept: readonly { readonly key: string }[]): string {
  const names = kept.map(({ key }) => key.slice(key.indexOf(' ') + 1));
  return names.length === 0 ? '' : `; imported were ${names.join(', ')}`;
}

type KeptPart = Pick<SchedulePart, 'kind' | 'key'>;

/** One release and one amendment of it may bear the same id and version. */
function recordKey({ kind, key }: KeptPart): string {
  return `${kind} ${key}`;
}

/** The texts of all that were imported into the store. */
async function readKept(store: Store): Promise<readonly (KeptSchedule & { readonly key: string })[]> {
  const kept: (KeptSchedule & { readonly key: string })[] = [];
  let page: RecordPage | undefined;
  do {
    const query = { collection: scheduleCollection, count: 20 };
    page = await store.listRecords(page?.next === undefined ? query : { ...query, after: page.next });
    kept.push(...page.records.map(({ key, value }) => ({ key, place: `imported ${key}`, text: value })));
  } while (page.next !== undefined);
  return kept;
}

/**
 * How `jenner schedule import` keeps a schedule or an overlay. What was imported under an id and version stays what it is:
 * answers name it, and others pin it.
 */
export function scheduleKeeper(store: Store, { data }: { readonly data: string }) {
  return {
    tryOut: async (place: string, text: string) => {
      const part = readPart({ place, text });
      const kept = await readKept(store);
      requireSame(
        kept.find(({ key }) => key === recordKey(part)),
        part,
        text,
      );
      requireOwnName(part);
      const parts = [...kept.filter(({ key }) => key !== recordKey(part)), { place, text }];
      const knowledgeBases = loadKnowledgeBases(data, parts);
      requireEffect(knowledgeBases, part);
      return { ...part, corrected: correctedCodes(data, parts), knowledgeBases };
    },
    keep: async (part: KeptPart, text: string) => {
      const record = { collection: scheduleCollection, key: recordKey(part), value: text };
      await store.writeRecords([{ kind: 'put', record }]);
    },
  };
}

/** What cannot be read any more may be replaced. */
function requireSame(kept: KeptSchedule | undefined, { key, place }: SchedulePart, text: string): void {
  if (!kept || kept.text === text || !isReadable(kept)) return;
  const ways = `give it another version, or take that one out first (jenner schedule remove "${key}")`;
  throw new OperatorError(`${place}: ${key} was imported with other contents; ${ways}`);
}

/** What ships is known by its name. A release of CDC's may be imported again. */
function requireOwnName({ kind, key, place }: SchedulePart): void {
  if (kind === 'schedule' || !isShippedOverlay(key)) return;
  throw new OperatorError(`${place}: ${key} ships with this server; give it an id or a version of its own`);
}

function isReadable(kept: KeptSchedule): boolean {
  try {
    readPart(kept);
    return true;
  } catch {
    return false;
  }
}

/** Of several amendments of a release the latest is used, and nobody would see that another is not. */
function requireEffect(bases: KnowledgeBases, part: SchedulePart): void {
  if (part.kind !== 'overlay' || part.data.id !== part.data.base.id) return;
  const { version, base } = part.data;
  if (bases.some(({ data }) => data.amendment === version)) return;
  const used = bases.find(({ id, data }) => id === base.id && data.amendment !== undefined)?.data.amendment;
  throw new OperatorError(`${part.place}: the amendment ${version} would change nothing: ${used} is later`);
}

/**
 * Throws an OperatorError where the store has none of that id and version, or where others cannot be made without it, or
 * it is followed by the settings.
 */
export async function removeSchedule(
  store: Store,
  wanted: Wanted & { readonly data: string },
  name: string,
): Promise<void> {
  const kept = await readKept(store);
  const keys = (['overlay', 'schedule'] as const).map((kind) => recordKey({ kind, key: name }));
  const found = kept.find(({ key }) => keys.includes(key));
  if (!found)
    throw new OperatorError(`${name}: no such schedule was imported${whatWas(kept)}; what ships stays`);
  scheduleSettings(
    loadKnowledgeBases(
      wanted.data,
      kept.filter((each) => each !== found),
    ),
    wanted,
  );
  await store.writeRecords([{ kind: 'delete', collection: scheduleCollection, key: found.key }]);
}
