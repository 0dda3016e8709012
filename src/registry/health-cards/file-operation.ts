import { Problem } from '../../fhir/problem.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import type { OperationAnswer } from '../../operation/operation-answer.ts';
import { output } from '../../operation/operation-parameter.ts';
import { type CardIssuer, issueCards, requireHttps } from './issue-cards.ts';

/** The cards of a person as the file that wallets open. */
export function fileOperation(issuer: CardIssuer): Operation {
  return {
    code: 'health-cards-file',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-health-cards-file',
    description: 'Answers the doses of a person as a file of SMART Health Cards, to be downloaded.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: false,
    answersOther: true,
    parameters: [output('return', 'Binary', 'A file of the type application/smart-health-card', { min: 1 })],
    run: (ctx, call) => toFile(ctx, call, issuer),
  };
}

async function toFile(
  ctx: InteractionContext,
  { id }: OperationCall,
  issuer: CardIssuer,
): Promise<OperationAnswer> {
  requireHttps(issuer);
  if (!id) throw new Problem('not-found', 'There is no Patient without an id');
  const { cards } = await issueCards(ctx, issuer, id, { isWanted: () => true });
  if (cards.length === 0) {
    throw new Problem('not-found', `Patient/${id} has no dose that a health card can tell`);
  }
  const file = { verifiableCredential: cards.map(({ card }) => card) };
  return {
    kind: 'stream',
    mediaType: 'application/smart-health-card',
    // It names nobody: it lies in a folder that others look into.
    fileName: 'immunizations.smart-health-card',
    chunks: whole(JSON.stringify(file)),
  };
}

async function* whole(text: string): AsyncGenerator<string> {
  yield text;
}
