import type { ScheduleSettings } from '../registry/forecasting/patient-schedule.ts';
import type { RecordPage, Store } from '../store/contract/store.ts';
import { OperatorError } from '../values/operator-error.ts';
import {
  correctedCodes,
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

/** How `jenner schedule import` keeps a schedule or an overlay: it takes the place of one of the same id and version. */
export function scheduleKeeper(store: Store, { data }: { readonly data: string }) {
  return {
    tryOut: async (place: string, text: string) => {
      const part = readPart({ place, text });
      const others = (await readKept(store)).filter(({ key }) => key !== recordKey(part));
      const parts = [...others, { place, text }];
      loadKnowledgeBases(data, parts);
      return { ...part, corrected: correctedCodes(data, parts) };
    },
    keep: async (part: KeptPart, text: string) => {
      const record = { collection: scheduleCollection, key: recordKey(part), value: text };
      await store.writeRecords([{ kind: 'put', record }]);
    },
  };
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
  if (!found) throw new OperatorError(`${name}: no such schedule was imported; what ships stays`);
  scheduleSettings(
    loadKnowledgeBases(
      wanted.data,
      kept.filter((each) => each !== found),
    ),
    wanted,
  );
  await store.writeRecords([{ kind: 'delete', collection: scheduleCollection, key: found.key }]);
}
