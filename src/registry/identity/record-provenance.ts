import type { JsonObject } from '../../fhir/fhir-json.ts';
import { objectAt, objectsAt, textAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Decided } from '../../operation/decision-task.ts';
import type { Pair } from './review-task.ts';

/** What was done with the records of a person. */
const activitySystem = 'https://jenner-iis.org/fhir/CodeSystem/record-activity';

export type Recorded = {
  readonly id: string;
  readonly activity: 'join' | 'part';
  /** Ids of the persons that it made, and of the two records that were found to be one, or two. */
  readonly patients: readonly string[];
  readonly decided: Pick<Decided, 'by' | 'at' | 'reason'>;
  /** Ids of the Tasks that asked, or tell of it. */
  readonly tasks: readonly string[];
  /** The version by which a reporter brought it about, and the Organization that brought it. */
  readonly message?: { readonly version: string; readonly owner?: string | undefined };
};

/** Who made one person of two records, or two of one, when and why (R4 provenance.html); of a message, which one. */
export function toProvenance({ id, activity, patients, decided, tasks, message }: Recorded): Resource {
  const { by, at, reason } = decided;
  const targets = [...new Set(patients)].map((patient) => ({ reference: `Patient/${patient}` }));
  const entity: JsonObject[] = tasks.map((task) => ({
    role: 'derivation',
    what: { reference: `Task/${task}` },
  }));
  if (message) entity.push({ role: 'source', what: { reference: message.version } });
  const agent: JsonObject[] = [{ type: agentType('performer'), who: { display: by } }];
  if (message?.owner !== undefined) {
    agent.push({ type: agentType('enterer'), who: { reference: `Organization/${message.owner}` } });
  }
  return {
    resourceType: 'Provenance',
    id,
    target: targets,
    recorded: at,
    ...(reason !== undefined && { reason: [{ text: reason }] }),
    activity: { coding: [{ system: activitySystem, code: activity }] },
    agent,
    ...(entity.length > 0 && { entity }),
  } as Resource;
}

/** The two records that were found to be one, where it tells of that: the last of whom it names. */
export function joinIn(provenance: Resource): Pair | undefined {
  const coding = objectsAt(objectAt(provenance, 'activity'), 'coding');
  if (!coding.some(({ system, code }) => system === activitySystem && code === 'join')) return undefined;
  const ids = objectsAt(provenance, 'target').map((target) =>
    textAt(target, 'reference')?.slice('Patient/'.length),
  );
  const [other, record] = ids.slice(-2);
  return record === undefined || other === undefined ? undefined : { record, with: other };
}

/** Whether it tells of a join or of its end. */
export function tellsOfRecords(provenance: Resource): boolean {
  const coding = objectsAt(objectAt(provenance, 'activity'), 'coding');
  return coding.some(({ system }) => system === activitySystem);
}

function agentType(code: string): JsonObject {
  return {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code }],
  };
}
