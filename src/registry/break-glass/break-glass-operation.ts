import { Problem } from '../../fhir/problem.ts';
import { type InteractionContext, requireAccess, withCaller } from '../../interaction/context.ts';
import { openPatients } from '../../interaction/open-patients.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { type OperationAnswer, resourceAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import { formatInstant } from '../../values/instant.ts';

const longestReason = 1000;

/** Opens what an objection hides, or whom the caller has no business with: for an emergency, and never unseen. */
export const breakGlassOperation: Operation = {
  code: 'break-glass',
  definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-break-glass',
  description: 'Opens the record of a person for one hour, for a reason that is kept.',
  levels: ['instance'],
  types: ['Patient'],
  affectsState: true,
  parameters: [
    input('reason', 'string', 'Why the record must be seen', { min: 1 }),
    output('until', 'instant', 'So long it stays open', { min: 1 }),
  ],
  run: breakGlass,
};

async function breakGlass(ctx: InteractionContext, call: OperationCall): Promise<OperationAnswer> {
  requireAccess(ctx, 'read', 'Patient');
  const { caller } = ctx;
  if (caller.kind !== 'token' || !caller.opener?.breaksGlass) {
    throw new Problem('forbidden', 'The role of this caller does not open records');
  }
  const reason = requireReason(call);
  const { id } = call;
  const whole = withCaller(ctx, { kind: 'system', name: 'break-glass' }).view;
  const person = id && (await whole.read({ type: 'Patient', id }));
  if (!id || person?.text === undefined) throw new Problem('not-found', `There is no Patient/${id}`);
  const until = await openPatients(ctx, { kind: 'broken-glass', patients: [id], reason });
  return resourceAnswer({
    resourceType: 'Parameters',
    parameter: [{ name: 'until', valueInstant: formatInstant(until) }],
  });
}

function requireReason({ inputs }: OperationCall): string {
  const reason = inputs.text('reason')?.trim() ?? '';
  if (reason !== '' && reason.length <= longestReason) return reason;
  throw new Problem('invalid-parameter', `A reason of 1 to ${longestReason} characters was expected`, {
    expression: inputs.place('reason'),
  });
}
