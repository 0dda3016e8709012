import type { Organization } from 'fhir/r4.js';
import type { InteractionContext } from '../../interaction/context.ts';
import { searchAll } from '../../interaction/search-all.ts';
import { readAsSystem } from './read-as-system.ts';

/** So many levels below one another, and so many in all. */
const deepest = 20;
const most = 5000;
const atOnce = 100;

export type OwnOrganizations = {
  readonly ids: readonly string[];
  /** The towns in their addresses. */
  readonly towns: readonly string[];
};

/** The organizations and all below them (Organization.partOf), each once. One that is not there is nobody's. */
export async function organizationsBelow(
  system: InteractionContext,
  roots: readonly string[],
): Promise<OwnOrganizations> {
  const found = new Map<string, Organization>();
  for (const id of roots) {
    const root = await readAsSystem<Organization>(system, `Organization/${id}`);
    if (root) found.set(id, root);
  }
  let level = [...found.keys()];
  for (let depth = 0; level.length > 0 && depth < deepest; depth++) {
    const below = await partsOf(system, level);
    level = [];
    for (const { id, organization } of below) {
      if (found.has(id) || found.size >= most) continue;
      found.set(id, organization);
      level.push(id);
    }
  }
  const towns = [...found.values()].flatMap(({ address = [] }) => address.flatMap(({ city }) => city ?? []));
  return { ids: [...found.keys()], towns: [...new Set(towns)] };
}

type Part = { readonly id: string; readonly organization: Organization };

async function partsOf(system: InteractionContext, ids: readonly string[]): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (let at = 0; at < ids.length; at += atOnce) {
    const parents = ids.slice(at, at + atOnce).map((id) => `Organization/${id}`);
    for (const { id, text } of await searchAll(system, 'Organization', [['partof', parents.join(',')]])) {
      parts.push({ id, organization: JSON.parse(text) as Organization });
    }
  }
  return parts;
}
