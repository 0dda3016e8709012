import type { Identifier, Reference } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { type Inputs, missing } from '../../operation/inputs.ts';
import { allOf, type Filter } from '../../search/filter.ts';
import { foldCode } from '../../search/fold-text.ts';
import type { ResourceId } from '../../values/resource-id.ts';

/**
 * The id of the Patient whom a parameter names: by a reference, or by identifiers, all of which one Patient must have. Throws
 * the Problem of a Patient who is not there for this caller, and of identifiers that several have.
 */
export async function namedPatient(
  ctx: InteractionContext,
  inputs: Inputs,
  name: string,
): Promise<ResourceId> {
  const reference = inputs.object(name) as Reference | undefined;
  const identifiers = inputs.objects(`${name}-identifier`) as readonly Identifier[];
  const place = inputs.place(name);
  if (reference?.reference !== undefined) return existing(ctx, reference.reference, place);
  const asked = reference?.identifier ? [reference.identifier, ...identifiers] : identifiers;
  if (asked.length === 0)
    throw missing(name, `${name} was expected: a reference to a Patient, or an identifier`);
  return identified(ctx, asked, place);
}

async function existing(ctx: InteractionContext, reference: string, expression: string): Promise<ResourceId> {
  const local = reference.startsWith(`${ctx.baseUrl}/`) ? reference.slice(ctx.baseUrl.length + 1) : reference;
  const id = /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(local)?.[1] as ResourceId | undefined;
  if (id === undefined) {
    throw new Problem('invalid-content', 'A reference to a Patient of this server was expected', {
      expression,
    });
  }
  return requireSeen(ctx, id, expression);
}

/** The id of a Patient whom the caller sees. Throws 404 of any other. */
export async function requireSeen(
  { view }: InteractionContext,
  id: ResourceId,
  expression?: string,
): Promise<ResourceId> {
  const patient = await view.read({ type: 'Patient', id });
  if (patient?.text !== undefined) return id;
  throw new Problem('not-found', `There is no Patient/${id}`, expression === undefined ? {} : { expression });
}

async function identified(
  ctx: InteractionContext,
  identifiers: readonly Identifier[],
  expression: string,
): Promise<ResourceId> {
  const filter = allOf(identifiers.map((identifier) => hasIdentifier(identifier, expression)));
  const { matches } = await ctx.view.search({ types: ['Patient'], filter, sort: [], count: 2 });
  const [match, ...others] = matches;
  if (!match) throw new Problem('not-found', 'No Patient has the identifier', { expression });
  if (others.length > 0) {
    throw new Problem('multiple-matches', 'Several Patients have the identifier', { expression });
  }
  return match.id;
}

function hasIdentifier({ system, value }: Identifier, expression: string): Filter {
  if (value === undefined) throw new Problem('invalid-content', 'An identifier has a value', { expression });
  const pattern = { code: foldCode(value), ...(system !== undefined && { system }) };
  return { kind: 'value', param: 'identifier', test: { kind: 'token', anyOf: [pattern] } };
}
