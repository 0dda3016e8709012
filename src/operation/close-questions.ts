import { objectsAt } from '../fhir/json-members.ts';
import type { Resource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { nextVersion } from '../interaction/next-version.ts';
import { formatInstant } from '../values/instant.ts';
import { byMatching } from './decision-task.ts';

/** The write by which a question that needs no answer any more is `cancelled`, with why. */
export async function closedQuestion(
  system: InteractionContext,
  task: Resource,
  text: string,
): ReturnType<typeof nextVersion> {
  const time = formatInstant(system.clock.now());
  const note = [...objectsAt(task, 'note'), { authorString: byMatching, time, text }];
  return nextVersion(system, { ...task, status: 'cancelled', lastModified: time, note } as Resource);
}
