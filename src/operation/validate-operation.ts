import { type Issue, Problem, toOperationOutcome } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { resourceTypes } from '../fhir/resource-type.ts';
import { type InteractionContext, requireAccess } from '../interaction/context.ts';
import { parseStoredInTurns } from '../interaction/parse-stored.ts';
import { readResource } from '../interaction/read-resource.ts';
import { refuseReferred } from '../interaction/referrers.ts';
import { isError, judgeLarge } from '../interaction/require-valid.ts';
import { isLarge } from '../interaction/resource-bounds.ts';
import { unknownIssues } from './inputs.ts';
import type { Operation, OperationCall } from './operation.ts';
import { resourceAnswer } from './operation-answer.ts';
import { input, output } from './operation-parameter.ts';

const modes = ['create', 'update', 'delete', 'profile'];

/** `$validate` (R4 resource-operation-validate.html): 200 and an OperationOutcome, whatever it finds. */
export const validateOperations: readonly Operation[] = [
  {
    code: 'validate',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
    description: 'Judges a resource as it would be judged before it is kept.',
    levels: ['type', 'instance'],
    types: resourceTypes,
    affectsState: false,
    parameters: [
      input('resource', 'Resource', 'What is judged; on an instance, what is stored when absent', {
        neededOn: 'type',
      }),
      input('mode', 'code', 'create, update, delete or profile: for what it is judged'),
      input('profile', 'uri', 'A profile that it is to meet'),
      output('return', 'OperationOutcome', 'What was found', { min: 1 }),
    ],
    run: async (ctx, call) =>
      resourceAnswer(outcome([...(await judged(ctx, call)), ...unknownIssues(call.inputs)])),
  },
];

async function judged(ctx: InteractionContext, call: OperationCall): Promise<readonly Issue[]> {
  const { inputs } = call;
  const mode = inputs.text('mode');
  if (mode !== undefined && !modes.includes(mode)) {
    throw new Problem('invalid-parameter', `mode=${mode.slice(0, 80)} is none of ${modes.join(', ')}`, {
      expression: inputs.place('mode'),
    });
  }
  if (mode === 'delete') return judgeDelete(ctx, call);
  const resource = inputs.resource('resource') ?? (await readStored(ctx, call));
  return judge(ctx, call, resource, mode, inputs.text('profile'));
}

async function readStored(ctx: InteractionContext, { type, id }: OperationCall): Promise<Resource> {
  if (type === undefined || id === undefined)
    throw new Error('$validate on a type was called without a resource');
  return (await parseStoredInTurns(await readResource(ctx, { type, id }), ctx.pace)).resource;
}

async function judgeDelete(ctx: InteractionContext, { type, id }: OperationCall): Promise<readonly Issue[]> {
  if (type === undefined || id === undefined) {
    throw new Problem('invalid-parameter', 'mode=delete is for a stored resource: call it on the instance');
  }
  requireAccess(ctx, 'delete', type);
  const key = await readResource(ctx, { type, id });
  try {
    await refuseReferred(ctx, key, [key]);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.issues;
    throw thrown;
  }
  return [];
}

async function judge(
  ctx: InteractionContext,
  { type, id, inputs }: OperationCall,
  resource: Resource,
  mode: string | undefined,
  profile: string | undefined,
): Promise<readonly Issue[]> {
  const { validator, enforced } = ctx.validation;
  const issues: Issue[] = [];
  if (type !== undefined && resource.resourceType !== type) {
    issues.push(
      issue('invalid', `The resource is a ${resource.resourceType}, not a ${type}`, 'resourceType'),
    );
  }
  if (id !== undefined && mode === 'update' && resource.id !== id) {
    issues.push(issue('invalid', `The id of the resource must be "${id}"`, `${resource.resourceType}.id`));
  }
  if (profile !== undefined && !validator.knowsProfile(profile)) {
    issues.push(
      issue('not-supported', `This server does not know the profile ${profile}`, inputs.place('profile')),
    );
  }
  const profiles = [
    ...(enforced.get(resource.resourceType) ?? []),
    ...(profile === undefined ? [] : [profile]),
  ];
  const options = { declared: 'error', profiles } as const;
  const found = isLarge(resource)
    ? await judgeLarge(ctx, { resource, exactNumbers: true }, options)
    : validator.validate(resource, options);
  return [...issues, ...found];
}

function issue(code: string, text: string, expression: string): Issue {
  return { severity: 'error', code, text, expression };
}

function outcome(issues: readonly Issue[]): object {
  const valid: Issue = { severity: 'information', code: 'informational', text: 'The resource is valid' };
  return toOperationOutcome(issues.some(isError) ? issues : [valid, ...issues]);
}
