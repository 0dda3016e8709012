import { deadLetterIn, listDead, outboxCollection, revive } from '../hl7v2/forward/outbox.ts';
import type { Store } from '../store/contract/store.ts';
import { formatInstant } from '../values/instant.ts';
import { OperatorError } from '../values/operator-error.ts';

export type OutboxCommand = {
  readonly store: Store;
  readonly json: boolean;
  readonly output: { readonly write: (text: string) => unknown };
};

/** `jenner outbox`: what waits to be sent on, and what could not be. */
export async function showOutbox({ store, json, output }: OutboxCommand): Promise<number> {
  const waiting = await countWaiting(store);
  const dead = (await listDead(store)).map(deadLetterIn);
  if (json) {
    const letters = dead.map(({ id, reason, at }) => ({ id, reason, at: formatInstant(at) }));
    output.write(`${JSON.stringify({ waiting, dead: letters })}\n`);
    return 0;
  }
  for (const { id, reason, at } of dead) {
    output.write(`${formatInstant(at)}  DocumentReference/${id}  ${reason}\n`);
  }
  output.write(`${waiting} messages wait, ${dead.length} could not be sent on\n`);
  return 0;
}

async function countWaiting(store: Store): Promise<number> {
  let count = 0;
  let after: string | undefined;
  do {
    const query = { collection: outboxCollection, count: 1000 };
    const page = await store.listRecords(after === undefined ? query : { ...query, after });
    count += page.records.length;
    after = page.next;
  } while (after !== undefined);
  return count;
}

/** `jenner outbox retry`: what could not be sent on waits again; all of it, or the one of an id. */
export async function retryDead({ store, output }: OutboxCommand, id: string | undefined): Promise<number> {
  const dead = await listDead(store);
  const chosen = id === undefined ? dead : dead.filter((record) => deadLetterIn(record).id === id);
  if (id !== undefined && chosen.length === 0) {
    throw new OperatorError(`${id}: no message of this id could not be sent on; jenner outbox shows them`);
  }
  for (const record of chosen) await revive(store, record);
  output.write(`${chosen.length} messages wait again\n`);
  return 0;
}
