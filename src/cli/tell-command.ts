import type { AuditRow } from '../store/contract/audit.ts';
import { toAuditId } from '../store/contract/audit.ts';
import type { Store } from '../store/contract/store.ts';
import type { Clock } from '../values/clock.ts';
import type { ResourceId } from '../values/resource-id.ts';

/** A command as the audit tells of it. */
export type CommandTold = {
  /** Its words, with the login or id that it is about; of its options no names, addresses and keys (told-options.ts). */
  readonly words: string;
  /** Whose data it shows. */
  readonly patients?: readonly ResourceId[];
};

type Telling = {
  readonly store: Pick<Store, 'appendAudit'>;
  readonly clock: Clock;
  /** One of 2^48 numbers. */
  readonly newSalt: () => number;
  /** `cli:` and the account of the operating system. */
  readonly operator: string;
};

/** Tells of a command before it begins, so that none can be done untold, and once more when it fails. */
export async function toldCommand(
  telling: Telling,
  command: CommandTold,
  work: () => Promise<number>,
): Promise<number> {
  await tell(telling, command, 0);
  try {
    const code = await work();
    if (code !== 0) await tell(telling, command, 4);
    return code;
  } catch (thrown) {
    // What went wrong first is what is to be said.
    await tell(telling, command, 4).catch(() => undefined);
    throw thrown;
  }
}

async function tell(
  { store, clock, newSalt, operator }: Telling,
  { words, patients = [] }: CommandTold,
  outcome: AuditRow['outcome'],
): Promise<void> {
  const at = clock.now();
  const agent = { name: operator };
  const id = toAuditId(at, newSalt());
  const what = { action: 'E', interaction: 'command', what: [], patients, query: words } as const;
  await store.appendAudit([{ id, at, agent, outcome, ...what }]);
}
