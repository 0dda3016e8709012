import { Problem } from '../fhir/problem.ts';
import { writeJsonInPieces } from '../fhir/write-json.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { BundleServices, EntryAnswer } from '../interaction/entry-answer.ts';
import type { Operation } from './operation.ts';
import type { OperationAnswer } from './operation-answer.ts';
import { performOperation, requireMethod, requireOperation } from './perform-operation.ts';

/** Calls the operations that entries of a Bundle name. */
export function entryOperations(operations: readonly Operation[]): BundleServices['operate'] {
  return async (ctx, { method, target, query, body, preconditions }) => {
    const operation = requireOperation(operations, target);
    requireMethod(operation, target, method);
    const answer = await performOperation(ctx, operation, {
      ...target,
      query,
      body: () => body,
      preconditions,
    });
    return toEntryAnswer(ctx, answer, operation.code);
  };
}

async function toEntryAnswer(
  { pace }: InteractionContext,
  answer: OperationAnswer,
  code: string,
): Promise<EntryAnswer> {
  switch (answer.kind) {
    case 'resource':
      return { status: '200 OK', text: await writeJsonInPieces(answer.resource, pace, answer.exactNumbers) };
    case 'text':
      return { status: '200 OK', text: answer.text };
    case 'accepted': {
      const { 'content-location': location } = answer.headers;
      return {
        status: '202 Accepted',
        ...(location !== undefined && { location }),
        ...(answer.outcome && { outcome: answer.outcome }),
      };
    }
    case 'nothing':
      return { status: '204 No Content' };
    case 'stream':
      await answer.chunks[Symbol.asyncIterator]().return?.();
      throw new Problem(
        'not-supported',
        `$${code} answers ${answer.mediaType}, which no Bundle can hold; call it by itself`,
      );
  }
}
