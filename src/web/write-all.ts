import type { FhirResource } from 'fhir/r4.js';
import type { InteractionContext } from '../interaction/context.ts';
import { runTransaction } from '../interaction/transaction.ts';

/** Creates all of these or none, by the door that every write goes through; answers their ids. */
export async function createAll(
  ctx: InteractionContext,
  resources: readonly FhirResource[],
): Promise<readonly string[]> {
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'POST', url: resource.resourceType },
    })),
  };
  const parsed = { resource: bundle as never, exactNumbers: false };
  const answers = await runTransaction(ctx, parsed, onlyWrites);
  return answers.flatMap(({ version }) => version?.id ?? []);
}

/** A Bundle of creates asks for nothing. */
const onlyWrites: Parameters<typeof runTransaction>[2] = {
  operate: () => Promise.reject(new Error('a page sends no operation in a transaction')),
  capabilities: () => '',
};
