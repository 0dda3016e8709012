import type { Resource } from 'fhir/r4.js';
import { isResourceType } from '../../fhir/resource-type.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseResourceId } from '../../values/resource-id.ts';

/** What is there now under `Type/id`; undefined when nothing is. */
export async function readAsSystem<Kind extends Resource>(
  system: InteractionContext,
  reference: string,
): Promise<Kind | undefined> {
  const [type = '', name = ''] = reference.split('/');
  const id = parseResourceId(name);
  if (!isResourceType(type) || id === undefined) return undefined;
  const version = await system.view.read({ type, id });
  return version?.text === undefined ? undefined : (JSON.parse(version.text) as Kind);
}
