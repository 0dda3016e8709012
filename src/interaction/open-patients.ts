import type { RecordChange, StoreRecord } from '../store/contract/store.ts';
import type { EpochMs } from '../values/instant.ts';
import { commit } from './commit.ts';
import type { InteractionContext } from './context.ts';
import { type OpeningKind, openingCollection, openingPrefix } from './openings.ts';

/** So long a record stays open. */
const openMs = 60 * 60 * 1000;

export type Opening = {
  readonly kind: OpeningKind;
  readonly patients: readonly string[];
  readonly reason?: string;
};

/**
 * Opens the records for the bearer of the token, and answers until when. It is a commit, so that whoever keeps trails of
 * writes (audit) sees it among its records.
 */
export async function openPatients(ctx: InteractionContext, opening: Opening): Promise<EpochMs> {
  const { caller } = ctx;
  const until = (ctx.clock.now() + openMs) as EpochMs;
  if (caller.kind !== 'token' || !caller.opener) throw new Error('nobody opens a record without a login');
  const { login } = caller.opener;
  const records = opening.patients.map(
    (patient): RecordChange => ({ kind: 'put', record: toRecord(login, patient, opening, until) }),
  );
  await commit(ctx, async () => ({ steps: [], guards: [], added: [], records }));
  ctx.openings?.changed(login);
  return until;
}

function toRecord(login: string, patient: string, { kind, reason }: Opening, expires: EpochMs): StoreRecord {
  const key = `${openingPrefix(login)}${kind}|${patient}`;
  return { collection: openingCollection, key, value: JSON.stringify({ kind, patient, reason }), expires };
}
