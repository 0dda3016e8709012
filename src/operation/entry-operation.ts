import { Problem } from '../fhir/problem.ts';
import { requireAccess } from '../interaction/context.ts';
import { type BundleServices, pathOf } from '../interaction/entry-answer.ts';
import { operationOf, type RequestEntry } from '../interaction/parse-bundle.ts';
import { findOperation, type Operation } from './operation.ts';

/** Calls the operations that entries of a Bundle name. */
export function entryOperations(operations: readonly Operation[]): BundleServices['operate'] {
  return async (ctx, entry, body) => {
    const { type, id, query } = entry.url;
    requireAccess(ctx, 'operation', type);
    const operation = requireOperation(operations, entry);
    const place = { ...(type && { type }), ...(id && { id }) };
    const answer = await operation.run(ctx, { ...place, query, ...(body && { body }), strict: false });
    return { status: '200 OK', text: typeof answer === 'string' ? answer : JSON.stringify(answer) };
  };
}

function requireOperation(operations: readonly Operation[], entry: RequestEntry): Operation {
  const { type, id } = entry.url;
  const level = id ? 'instance' : type ? 'type' : 'system';
  const operation = findOperation(operations, operationOf(entry) ?? '', level, type);
  if (operation && (entry.method === 'POST' || operation.get)) return operation;
  throw new Problem('not-supported', `${entry.method} ${pathOf(entry)} is no operation of this server`);
}
