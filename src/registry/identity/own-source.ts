import { Problem } from '../../fhir/problem.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { isOwnWord } from '../../interaction/owner-tag.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { storedResource } from '../../interaction/write-result.ts';
import type { PatientStep } from './patient-steps.ts';

/**
 * A source is the word of who reported it: whose patient the person is as well may add a record, and neither change nor delete
 * that of another organization. Throws 403 as any write outside of the caller's reach. Who may change every Patient may, and
 * what an operator brought is nobody's word.
 */
export function requireOwnSource({ change, current }: PatientStep, ctx: InteractionContext): void {
  const { caller, view } = ctx;
  const interaction = change.method === 'DELETE' ? 'delete' : 'update';
  if (!current || caller.kind !== 'token' || view.reach(interaction, 'Patient') === undefined) return;
  if (isOwnWord(caller, parseStored(storedResource(current)).resource)) return;
  throw new Problem('forbidden', `The access token does not allow to write Patient/${change.id}`);
}
