import type { Immunization } from 'fhir/r4.js';
import { changeMembers } from '../../../interaction/change-members.ts';
import type { InteractionContext } from '../../../interaction/context.ts';
import type { ResourceId } from '../../../values/resource-id.ts';
import { type VaccineChoice, vaccineTitle } from '../../vaccine-names/find-vaccine.ts';

/** What one form has saved, as the session keeps it for "Undo". */
export type Saved = {
  readonly patient: string;
  readonly ids: readonly string[];
  /** Which vaccines these are, and who made them where that was filled in. */
  readonly vaccines: readonly SavedVaccine[];
  readonly isRefusal?: boolean;
  /** Where past doses were given: those of one paper mostly were given by one clinic. */
  readonly place?: string;
};

type SavedVaccine = { readonly title: string; readonly maker?: string };

export function toSaved(vaccine: VaccineChoice): SavedVaccine {
  const title = vaccineTitle(vaccine);
  return { title, ...(vaccine.maker && { maker: vaccine.maker.name }) };
}

export function isSaved(kept: unknown): kept is Saved {
  if (typeof kept !== 'object' || kept === null) return false;
  const { ids, vaccines } = kept as Partial<Saved>;
  return Array.isArray(ids) && Array.isArray(vaccines);
}

/** Undo, not delete: the doses stay, and count no more. */
export async function undoSaved(ctx: InteractionContext, { ids }: Saved): Promise<void> {
  for (const id of ids) await setStatus(ctx, id as ResourceId, 'mistake');
}

/** False: it is not there for the visitor. Who presses twice changes nothing more. */
export function setStatus(
  ctx: InteractionContext,
  id: ResourceId,
  change: 'mistake' | 'restore',
): Promise<boolean> {
  return changeMembers(ctx, { type: 'Immunization', id }, (resource) => {
    if (change === 'mistake') return { status: 'entered-in-error' };
    const before = resource as unknown as Immunization;
    return { status: before.status === 'entered-in-error' ? statusBefore(before) : before.status };
  });
}

/** What was refused never becomes what was given: R4 has a reason of the status where nothing was. */
export function statusBefore({ statusReason }: Immunization): 'completed' | 'not-done' {
  return statusReason === undefined ? 'completed' : 'not-done';
}
