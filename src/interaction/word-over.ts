import { Problem } from '../fhir/problem.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { isOfWholePerson } from './whole-person.ts';

/**
 * What a person carries, or has handed out, is made worthless or handed out by who may write that Patient, or by the
 * person's own word (Consent.c): an app that only reads must do neither. Throws 404 for whom the caller does not see.
 */
export async function requireWordOver(
  ctx: InteractionContext,
  id: ResourceId | undefined,
): Promise<ResourceId> {
  requireAccess(ctx, 'read', 'Patient');
  if (isOwnWord(ctx)) requireAccess(ctx, 'create', 'Consent');
  else requireAccess(ctx, 'update', 'Patient');
  const person = id && (await ctx.view.read({ type: 'Patient', id }));
  if (!id || person?.text === undefined) throw new Problem('not-found', `There is no Patient/${id}`);
  if (await mayWrite(ctx, id)) return id;
  const what = isOwnWord(ctx) ? `a Consent of Patient/${id}` : `Patient/${id}`;
  throw new Problem('forbidden', `The access token does not allow to write ${what}`);
}

async function mayWrite(ctx: InteractionContext, id: ResourceId): Promise<boolean> {
  if (isOwnWord(ctx)) return isOfWholePerson(ctx, 'create', 'Consent', id);
  return (await ctx.view.read({ type: 'Patient', id }, 'update')) !== undefined;
}

/** An individual sees nobody but whom they answer for. */
export const isOwnWord = ({ caller }: Pick<InteractionContext, 'caller'>): boolean =>
  caller.kind === 'token' && caller.isIndividual === true;
