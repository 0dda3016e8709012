import type { Parameters } from 'fhir/r4.js';
import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Operation } from '../operation/operation.ts';
import { performOperation } from '../operation/perform-operation.ts';
import type { ResourceId } from '../values/resource-id.ts';

/** A health card, and the ids of the doses that it tells. */
export type Card = { readonly text: string; readonly doses: readonly string[] };

/** Undefined: this server makes none, having no https address. */
export async function issueHealthCards(
  ctx: InteractionContext,
  id: ResourceId,
  operations: readonly Operation[],
): Promise<readonly Card[] | undefined> {
  const query = [['credentialType', 'Immunization']] as const;
  const answer = await perform(ctx, id, operations, { code: 'health-cards-issue', query });
  if (!answer) return undefined;
  const { parameter = [] } = answer;
  const texts = parameter.flatMap(({ name, valueString }) =>
    name === 'verifiableCredential' && valueString !== undefined ? [valueString] : [],
  );
  return texts.map((text, nth) => ({
    text,
    doses: parameter.flatMap(({ name, part = [] }) => {
      const isOfCard = part.some((each) => each.name === 'vcIndex' && (each.valueInteger ?? 0) === nth);
      const hosted = part.find((each) => each.name === 'hostedResource')?.valueUri ?? '';
      const dose = /Immunization\/([^/]+)$/.exec(hosted)?.[1];
      return name === 'resourceLink' && isOfCard && dose !== undefined ? [dose] : [];
    }),
  }));
}

/** All that are out are worth nothing to who asks for the lists. */
export async function revokeHealthCards(
  ctx: InteractionContext,
  id: ResourceId,
  operations: readonly Operation[],
): Promise<void> {
  await perform(ctx, id, operations, { code: 'health-cards-revoke', query: [] });
}

type Asked = { readonly code: string; readonly query: readonly (readonly [string, string])[] };

async function perform(
  ctx: InteractionContext,
  id: ResourceId,
  operations: readonly Operation[],
  { code, query }: Asked,
): Promise<Parameters | undefined> {
  const operation = operations.find((one) => one.code === code);
  if (!operation) return undefined;
  const asked = { code, type: 'Patient', id, query: [...query], body: () => undefined } as const;
  try {
    const answer = await performOperation(ctx, operation, asked);
    return answer.kind === 'resource' ? (answer.resource as Parameters) : undefined;
  } catch (thrown) {
    // Somebody without a name gets no card, and a server without https makes none.
    if (thrown instanceof Problem && (thrown.status === 422 || thrown.status === 400)) return undefined;
    throw thrown;
  }
}
