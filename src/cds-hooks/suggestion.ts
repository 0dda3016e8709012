import type { CodeableConcept, MedicationRequest } from 'fhir/r4.js';
import type { Row } from '../registry/ehr-record/read-answer.ts';
import type { Told } from './told.ts';

/** CDS Hooks 2.0, Suggestion. */
export type Suggestion = {
  readonly label: string;
  readonly uuid: string;
  readonly isRecommended: true;
  readonly actions: readonly {
    readonly type: 'create';
    readonly description: string;
    readonly resource: MedicationRequest;
  }[];
};

/** A draft order of the vaccine that is named first; none where no vaccine is. */
export function toSuggestion(row: Row, { call, asked, newId }: Told): readonly Suggestion[] {
  const [vaccine] = row.vaccines;
  if (!vaccine) return [];
  const dose = row.doseNumber === undefined ? '' : `, dose ${row.doseNumber}`;
  const name = vaccine.coding?.[0]?.display ?? row.group;
  return [
    {
      label: `Order ${row.group}${dose}`.slice(0, 80),
      uuid: newId(),
      isRecommended: true,
      actions: [
        {
          type: 'create',
          description: `A draft order of ${name} for ${row.group}${dose}`,
          resource: toOrder({ ...vaccine, text: name }, row, call, asked.today),
        },
      ],
    },
  ];
}

/** US Core: it has who asks for it where that is known; the EHR fills in the rest. */
function toOrder(
  vaccine: CodeableConcept,
  { group }: Row,
  { patientId, userId, encounterId }: Told['call'],
  today: string,
): MedicationRequest {
  const isRequester = userId !== undefined && /^Practitioner(?:Role)?\/[A-Za-z0-9.-]{1,64}$/.test(userId);
  return {
    resourceType: 'MedicationRequest',
    status: 'draft',
    intent: 'order',
    medicationCodeableConcept: vaccine,
    subject: { reference: `Patient/${patientId}` },
    ...(encounterId !== undefined && {
      encounter: { reference: `Encounter/${encounterId.replace(/^Encounter\//, '')}` },
    }),
    authoredOn: today,
    ...(isRequester && { requester: { reference: userId } }),
    reasonCode: [{ text: `${group} is due` }],
  };
}
