import type { Task } from 'fhir/r4.js';
import type { Job, JobState } from '../../job/job.ts';
import { formatInstant } from '../../values/instant.ts';

const jobSystem = 'https://jenner-iis.org/fhir/CodeSystem/job';

/** R4 task.html, value set task-status. */
const statuses: Readonly<Record<JobState, Task['status']>> = {
  queued: 'requested',
  running: 'in-progress',
  finished: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** A job as FHIR shows it: a Task under the id of the job. */
export function toTask({ id, kind, state, created, updated, reason, progress }: Job): Task {
  const { done, total, note } = progress;
  const far = `${done}${total === undefined ? '' : ` of ${total}`}${note === undefined ? '' : ` ${note}`}`;
  return {
    resourceType: 'Task',
    id,
    identifier: [{ system: jobSystem, value: id }],
    status: statuses[state],
    ...(reason !== undefined && { statusReason: { text: reason } }),
    businessStatus: { text: far },
    intent: 'order',
    code: { coding: [{ system: jobSystem, code: kind }] },
    authoredOn: formatInstant(created),
    lastModified: formatInstant(updated),
  };
}
