import type { Organization } from 'fhir/r4.js';
import type { RecordView } from '../../../registry/forecasting/record-view/record-view.ts';
import { parseResourceId, type ResourceId } from '../../../values/resource-id.ts';
import { staffRoles } from '../../navigation.ts';
import { readOrganization, readPersonNamed } from '../../person-reading.ts';
import { firstNameOf } from '../../person-words.ts';
import type { Visit } from '../../site/page-door.ts';
import type { SiteServices } from '../../site/site-services.ts';

/** A record as the person sees it, and who answers for them. */
export type OwnRecord = {
  /** As the visitor knows the person: pages lead by it, whatever the person is called since records were joined. */
  readonly id: ResourceId;
  readonly view: RecordView;
  readonly clinic?: Organization;
  readonly family: readonly FamilyMember[];
  /** Who gives out official papers. */
  readonly issuer: string;
  /** The page that the paper is of. */
  readonly path: string;
};

export type FamilyMember = { readonly id: string; readonly name: string; readonly birthDate?: string };

/** The id in the path, where it is that of somebody whom the visitor is or answers for. */
export function ownPersonIn({ params, visitor }: Visit): ResourceId | undefined {
  const id = parseResourceId(params['id'] ?? '');
  return id !== undefined && visitor.ownPersons.includes(id) ? id : undefined;
}

/** A paper is printed by the family, or by whoever cares for the person. */
export function printedPersonIn(visit: Visit): ResourceId | undefined {
  const { params, visitor } = visit;
  return staffRoles.includes(visitor.role) ? parseResourceId(params['id'] ?? '') : ownPersonIn(visit);
}

export async function loadOwnRecord(
  { ctx, visitor }: Visit,
  id: ResourceId,
  { recordView, issuer }: SiteServices,
): Promise<OwnRecord> {
  const view = await recordView(ctx, id);
  const clinic = await readOrganization(ctx, view.patient.managingOrganization?.reference);
  const family: FamilyMember[] = [];
  for (const other of visitor.ownPersons) {
    const patient = other === id ? view.patient : await readPersonNamed(ctx, other);
    const birthDate = patient?.birthDate;
    if (patient) {
      family.push({ id: other, name: firstNameOf(patient), ...(birthDate !== undefined && { birthDate }) });
    }
  }
  const isStaff = !visitor.ownPersons.includes(id);
  const path = `/app/${isStaff ? 'patients' : 'record'}/${id}`;
  return { id, view, ...(clinic && { clinic }), family, issuer, path };
}
