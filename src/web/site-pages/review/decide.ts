import type { InteractionContext } from '../../../interaction/context.ts';
import { type Decision, decisions } from '../../../operation/decision-task.ts';
import type { Operation } from '../../../operation/operation.ts';
import type { ResourceId } from '../../../values/resource-id.ts';
import { callOperation } from '../../site/call-operation.ts';
import type { Question } from './question.ts';

/** What a form of the queue asks for. */
export type Asked = { readonly decision: Decision | 'undo'; readonly reason: string };

export const longestReason = 1000;

export function parseAsked(fields: URLSearchParams): Asked | undefined {
  const text = fields.get('decision');
  const decision = [...decisions, 'undo' as const].find((one) => one === text);
  return decision && { decision, reason: (fields.get('reason') ?? '').trim() };
}

/**
 * What takes the last decision back, in this order. Parted records are two again with what each had; that nobody has
 * answered cannot be had again, so the question waits among those that were put aside.
 */
export function undoing({ decision, said }: Question): readonly Decision[] {
  const before = decisions.find((one) => one === said.at(-2)?.decision);
  if (decision === undefined || decision === 'later') return [];
  if (before !== undefined && before !== 'later' && before !== decision) return [before];
  return decision === 'same' ? ['not-same', 'later'] : ['later'];
}

export async function decide(
  ctx: InteractionContext,
  operations: readonly Operation[],
  question: Question,
  { decision, reason }: Asked,
): Promise<void> {
  const steps = decision === 'undo' ? undoing(question) : [decision];
  for (const step of steps) {
    await callOperation(ctx, operations, {
      code: 'decide',
      type: 'Task',
      id: question.id as ResourceId,
      inputs: { decision: step, reason: reason === '' ? undefined : reason },
    });
  }
}
