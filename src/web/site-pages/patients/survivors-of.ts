import type { Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import { searchResources } from '../../../interaction/search-resources.ts';

/** A record that was merged may have been merged again. */
const mostSteps = 3;

/**
 * Each of them once, in their order. In the place of a record that was merged into another stands that one, as far as the
 * visitor may see it; others that are out of use are left out.
 */
export async function survivorsOf(
  ctx: InteractionContext,
  found: readonly Patient[],
): Promise<readonly Patient[]> {
  let people = found;
  for (let step = 0; step < mostSteps && people.some(({ active }) => active === false); step++) {
    const wanted = people.flatMap((patient) => survivorIn(patient) ?? []);
    const survivors = await readAll(ctx, [...new Set(wanted)]);
    people = people.flatMap((patient) => {
      if (patient.active !== false) return [patient];
      return survivors.get(survivorIn(patient) ?? '') ?? [];
    });
  }
  const inUse = people.filter(({ active }) => active !== false);
  return [...new Map(inUse.map((patient) => [patient.id, patient])).values()];
}

function survivorIn({ active, link = [] }: Patient): string | undefined {
  if (active !== false) return undefined;
  const replacing = link.find(({ type }) => type === 'replaced-by')?.other.reference;
  return replacing === undefined ? undefined : /^Patient\/([^/]+)$/.exec(replacing)?.[1];
}

async function readAll(
  ctx: InteractionContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Patient>> {
  if (ids.length === 0) return new Map();
  const asked = [
    ['_id', ids.join(',')],
    ['_count', String(ids.length)],
  ] as const;
  const { matches } = await searchResources(ctx, ['Patient'], asked, 'strict');
  return new Map(matches.map(({ id, text }) => [id, JSON.parse(text) as Patient]));
}
