import { objectsAt } from '../fhir/json-members.ts';
import type { Resource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { prepareChange } from '../interaction/prepare-change.ts';
import { formatInstant } from '../values/instant.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { byMatching } from './decision-task.ts';

/** The write by which a question that needs no answer any more is `cancelled`, with why. */
export async function closedQuestion(
  system: InteractionContext,
  task: Resource,
  text: string,
): Promise<Awaited<ReturnType<typeof prepareChange>>> {
  const key = { type: 'Task', id: task.id as ResourceId } as const;
  const current = await system.view.read(key);
  const time = formatInstant(system.clock.now());
  const note = [...objectsAt(task, 'note'), { authorString: byMatching, time, text }];
  const resource = { ...task, status: 'cancelled', lastModified: time, note } as Resource;
  return prepareChange(system, { resource, exactNumbers: false }, { ...key, method: 'PUT', current });
}
