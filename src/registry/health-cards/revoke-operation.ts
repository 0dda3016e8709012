import { everyId } from '../../interaction/ask-persons.ts';
import { commit } from '../../interaction/commit.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { requireWordOver } from '../../interaction/word-over.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { type OperationAnswer, resourceAnswer } from '../../operation/operation-answer.ts';
import { output } from '../../operation/operation-parameter.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import { revocationId } from './card-keys.ts';
import type { CardIssuer } from './issue-cards.ts';

/** Makes every card that a person has worthless to verifiers that ask for the lists. */
export function revokeOperation(issuer: Pick<CardIssuer, 'keys' | 'revocations'>): Operation {
  return {
    code: 'health-cards-revoke',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-health-cards-revoke',
    description: 'Revokes every SMART Health Card that was issued of a person up to now.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: true,
    parameters: [output('before', 'instant', 'Cards issued before this are worth nothing', { min: 1 })],
    run: (ctx, call) => revoke(ctx, call, issuer),
  };
}

async function revoke(
  ctx: InteractionContext,
  { id }: OperationCall,
  { keys, revocations }: Pick<CardIssuer, 'keys' | 'revocations'>,
): Promise<OperationAnswer> {
  const asked = await requireWordOver(ctx, id);
  // A verifier compares whole seconds, and the one that runs may have brought a card.
  const before = Math.floor(ctx.clock.now() / 1000) + 1;
  const ids = await everyId(ctx.view, [asked]);
  const revoked = (await keys.all()).flatMap((key) =>
    ids.map((one) => ({ kid: key.kid, rid: revocationId(key, one), before })),
  );
  await commit(ctx, async () => ({
    steps: [],
    guards: [],
    added: [],
    records: await revocations.changes(revoked),
  }));
  return resourceAnswer({
    resourceType: 'Parameters',
    parameter: [{ name: 'before', valueInstant: formatInstant((before * 1000) as EpochMs) }],
  });
}
