import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import { type InteractionContext, requireAccess } from '../../interaction/context.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import type { OperationAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import type { Store } from '../../store/contract/store.ts';
import { er7Answer } from '../er7-answer.ts';
import { isOfText, messageCollection, messageParts, textsIn } from './kept-message.ts';

/** The text of a message that is kept, or of its answer, for whoever may read its DocumentReference. */
export function messageOperation(store: Pick<Store, 'readRecord'>): Operation {
  return {
    code: 'message',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/DocumentReference-message',
    description:
      'Answers an HL7 v2 message that was received, or what was answered to it: in a Binary, or as a text by Accept.',
    levels: ['instance'],
    types: ['DocumentReference'],
    affectsState: false,
    answersOther: true,
    parameters: [
      input('part', 'code', 'message: as it was received (the default); answer: what was answered to it'),
      output('return', 'Binary', 'The text, in UTF-8', { min: 1 }),
    ],
    run: (ctx, call) => readMessage(store, ctx, call),
  };
}

async function readMessage(
  store: Pick<Store, 'readRecord'>,
  ctx: InteractionContext,
  { id, inputs, asked: http }: OperationCall,
): Promise<OperationAnswer> {
  requireAccess(ctx, 'read', 'DocumentReference');
  const document = id && (await ctx.view.read({ type: 'DocumentReference', id }));
  if (!id || document?.text === undefined) {
    throw new Problem('not-found', `There is no DocumentReference/${id}`);
  }
  const asked = inputs.text('part') ?? 'message';
  const part = messageParts.find((one) => one === asked);
  if (!part) {
    throw new Problem('invalid-parameter', `part=${asked}: message or answer was expected`, {
      expression: inputs.place('part'),
    });
  }
  const record = await store.readRecord(messageCollection, id);
  const text = record && textsIn(record)[part];
  if (text === undefined || !isOfText(JSON.parse(document.text) as Resource, part, text)) {
    throw new Problem(
      'gone',
      `DocumentReference/${id} has no text any more: its time is over, or it never was a message`,
    );
  }
  return er7Answer(http, text, {
    id: `${id}-${part}`,
    securityContext: { reference: `DocumentReference/${id}` },
  });
}
