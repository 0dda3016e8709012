import type { Resource } from '../../fhir/resource.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Likely, Matcher } from './matcher.ts';

/** The Patients who come with one transaction: none of them is in the store yet. */
export type Brought = {
  readonly add: (id: ResourceId, patient: Resource) => void;
  /** Those before who may be the person of the record, the most alike first. */
  readonly like: (patient: Resource) => readonly Likely[];
};

/** So many who share a key are compared with each: whole villages come in one transaction. */
const mostCompared = 100;

export function openBrought({ keysOf, compare }: Matcher): Brought {
  const byKey = new Map<string, Map<ResourceId, Resource>>();
  return {
    add: (id, patient) => {
      for (const key of keysOf(patient)) {
        const sharing = byKey.get(key);
        if (sharing) sharing.set(id, patient);
        else byKey.set(key, new Map([[id, patient]]));
      }
    },
    like: (patient) => {
      const compared = new Map<ResourceId, Likely>();
      for (const key of keysOf(patient)) {
        for (const [id, other] of byKey.get(key) ?? []) {
          if (compared.has(id) || compared.size >= mostCompared) continue;
          compared.set(id, { id, comparison: compare(patient, other) });
        }
      }
      const likely = [...compared.values()].filter(({ comparison }) => comparison.outcome !== 'none');
      return likely.sort((a, b) => b.comparison.score - a.comparison.score);
    },
  };
}
