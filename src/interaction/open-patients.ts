import type { RecordChange, StoreRecord } from '../store/contract/store.ts';
import type { EpochMs } from '../values/instant.ts';
import { everyId } from './ask-persons.ts';
import { commit } from './commit.ts';
import type { InteractionContext } from './context.ts';
import { type Opening, openingCollection, openingPrefix } from './openings.ts';

/** So long a record stays open. */
const openMs = 60 * 60 * 1000;

/**
 * Opens the records for the bearer of the token, and answers until when. It is a commit, and told in
 * the audit.
 */
export async function openPatients(ctx: InteractionContext, opening: Opening): Promise<EpochMs> {
  const { caller } = ctx;
  const until = (ctx.clock.now() + openMs) as EpochMs;
  if (caller.kind !== 'token' || !caller.opener) throw new Error('nobody opens a record without a login');
  const { login } = caller.opener;
  // The store knows them as one; the audit of what is read tells of each.
  const patients = await everyId(ctx.view, opening.patients);
  const records = patients.map(
    (patient): RecordChange => ({ kind: 'put', record: toRecord(login, patient, opening, until) }),
  );
  await commit(ctx, async () => ({ steps: [], guards: [], added: [], records, opened: opening }));
  ctx.openings?.changed(login);
  return until;
}

function toRecord(login: string, patient: string, { kind, reason }: Opening, expires: EpochMs): StoreRecord {
  const key = `${openingPrefix(login)}${kind}|${patient}`;
  return { collection: openingCollection, key, value: JSON.stringify({ kind, patient, reason }), expires };
}
