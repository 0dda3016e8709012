import { Problem } from '../../fhir/problem.ts';
import type { Inputs } from './operation-inputs.ts';

/** A resource sent as a parameter. It has not been validated: whoever reads it takes nothing for granted. */
export function resourceInput<Kind extends { readonly resourceType: string }>(
  inputs: Inputs,
  name: string,
  type: Kind['resourceType'],
): Kind | undefined {
  const resource = inputs.resource(name);
  if (!resource) return undefined;
  if (resource['resourceType'] === type) return resource as unknown as Kind;
  throw new Problem(
    'invalid-content',
    `The parameter ${name} holds a ${JSON.stringify(resource['resourceType'])?.slice(0, 80)}; expected a ${type}`,
    { expression: inputs.place(name) },
  );
}
