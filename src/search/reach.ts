import type { ResourceType } from '../fhir/resource-type.ts';
import type { IndexValue, IndexValues } from './index-values.ts';

/**
 * How a person comes to belong somewhere: `care` = managing organization or general practitioner, `dose` = an
 * organization reported a dose, `roster` = who manages a Group that has the person as a member, `town` = where the person lives.
 */
export type MarkKind = 'care' | 'dose' | 'roster' | 'town';

/** `target` is `Type/id`, of a town its folded name (`foldText`). */
export function markOf(kind: MarkKind, target: string): string {
  return `${kind}|${target}`;
}

type Source = {
  readonly kind: MarkKind;
  readonly param: string;
  readonly target: (value: IndexValue) => string;
};

const referred = (value: IndexValue) => (value.kind === 'reference' ? `${value.type}/${value.id}` : '');
const organization = (value: IndexValue) =>
  value.kind === 'reference' && value.type === 'Organization' ? `Organization/${value.id}` : '';
const folded = (value: IndexValue) => (value.kind === 'string' ? value.folded : '');

const sources: Partial<Record<ResourceType, readonly Source[]>> = {
  Patient: [
    { kind: 'care', param: 'organization', target: referred },
    { kind: 'care', param: 'general-practitioner', target: referred },
    { kind: 'town', param: 'address-city', target: folded },
  ],
  Immunization: [{ kind: 'dose', param: 'performer', target: organization }],
  Group: [{ kind: 'roster', param: 'managing-entity', target: organization }],
};

/** The types of which some resources say where Patients belong. */
export const markingTypes = Object.keys(sources) as readonly ResourceType[];

/** What a resource says about where the Patients belong whom it concerns; each mark once. */
export function marksOf(type: ResourceType, index: IndexValues): readonly string[] {
  const marks = new Set<string>();
  for (const { kind, param, target } of sources[type] ?? []) {
    for (const value of index[param] ?? []) {
      const named = target(value);
      if (named !== '') marks.add(markOf(kind, named));
    }
  }
  return [...marks];
}
