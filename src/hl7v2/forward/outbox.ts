import type { RecordChange, Store, StoreRecord } from '../../store/contract/store.ts';
import type { EpochMs } from '../../values/instant.ts';

/** Messages that are to be sent on, and those that could not be; in the order in which they came. */
export const outboxCollection = 'hl7v2-outbox';
export const deadCollection = 'hl7v2-dead-letter';

/** A message that waits: by the id of its DocumentReference. */
export type Waiting = {
  readonly id: string;
  /** How often it was answered that it must come again. */
  readonly tries: number;
};

/** A message that is not sent on by itself any more. */
export type DeadLetter = { readonly id: string; readonly reason: string; readonly at: EpochMs };

/** Keys sort by the moment at which the message came. */
export function toOutbox(id: string, receivedAt: EpochMs): RecordChange {
  const key = `${String(receivedAt).padStart(15, '0')}|${id}`;
  return {
    kind: 'put',
    record: { collection: outboxCollection, key, value: JSON.stringify(waiting(id, 0)) },
  };
}

const waiting = (id: string, tries: number): Waiting => ({ id, tries });

export const waitingIn = ({ value }: StoreRecord): Waiting => JSON.parse(value) as Waiting;
export const deadLetterIn = ({ value }: StoreRecord): DeadLetter => JSON.parse(value) as DeadLetter;

type Records = Pick<Store, 'listRecords' | 'writeRecords'>;

/** The message that is to be sent next; undefined when none waits. */
export async function nextWaiting(store: Records): Promise<StoreRecord | undefined> {
  const { records } = await store.listRecords({ collection: outboxCollection, count: 1 });
  return records[0];
}

/** It has arrived. */
export async function settle(store: Records, { key }: StoreRecord): Promise<void> {
  await store.writeRecords([{ kind: 'delete', collection: outboxCollection, key }]);
}

/** As it was read: another server may have gone on with it when this one was thought dead. */
const unchanged = ({ value }: StoreRecord) => ({ expected: { kind: 'value', value } }) as const;

/** It is to be sent again, before all that came after it. */
export async function countTry(store: Records, record: StoreRecord): Promise<void> {
  const { id, tries } = waitingIn(record);
  const value = JSON.stringify(waiting(id, tries + 1));
  await store.writeRecords([{ kind: 'put', record: { ...record, value }, ...unchanged(record) }]);
}

/** It is put aside for people, so that those behind it go on. */
export async function bury(store: Records, record: StoreRecord, letter: DeadLetter): Promise<void> {
  const { key } = record;
  await store.writeRecords([
    { kind: 'put', record: { collection: deadCollection, key, value: JSON.stringify(letter) } },
    { kind: 'delete', collection: outboxCollection, key, ...unchanged(record) },
  ]);
}

/** All that could not be sent on, the oldest first. */
export async function listDead(store: Records): Promise<readonly StoreRecord[]> {
  const found: StoreRecord[] = [];
  let after: string | undefined;
  do {
    const query = { collection: deadCollection, count: 500 };
    const page = await store.listRecords(after === undefined ? query : { ...query, after });
    found.push(...page.records);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** It waits again, in its old place. */
export async function revive(store: Records, record: StoreRecord): Promise<void> {
  const { key } = record;
  const value = JSON.stringify(waiting(deadLetterIn(record).id, 0));
  await store.writeRecords([
    { kind: 'put', record: { collection: outboxCollection, key, value } },
    { kind: 'delete', collection: deadCollection, key },
  ]);
}
