import { placeOf } from '../fhir/parameter-place.ts';
import { type Issue, Problem, toOperationOutcome } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { resourceTypes } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { isResource } from '../interaction/parse-body.ts';
import { parseStored } from '../interaction/parse-stored.ts';
import { readResource } from '../interaction/read-resource.ts';
import { refuseReferred } from '../interaction/referrers.ts';
import { isError } from '../interaction/require-valid.ts';
import type { Operation, OperationCall } from './operation.ts';

const definition = 'http://hl7.org/fhir/OperationDefinition/Resource-validate';

/** `$validate` (R4 resource-operation-validate.html): 200 and an OperationOutcome, whatever it finds. */
export const validateOperations: readonly Operation[] = [
  { code: 'validate', level: 'type', types: resourceTypes, get: false, definition, run: validateSent },
  { code: 'validate', level: 'instance', types: resourceTypes, get: true, definition, run: validateSent },
];

const modes = ['create', 'update', 'delete', 'profile'];

async function validateSent(ctx: InteractionContext, call: OperationCall): Promise<object> {
  const { resource, mode, profile } = readCall(call);
  if (mode !== undefined && !modes.includes(mode)) {
    throw new Problem('invalid-parameter', `mode=${mode} is none of ${modes.join(', ')}`, {
      expression: placeOf('mode'),
    });
  }
  if (mode === 'delete') return outcome(await judgeDelete(ctx, call));
  return outcome(judge(ctx, call, resource ?? (await readStored(ctx, call)), mode, profile));
}

type Sent = { readonly resource?: Resource; readonly mode?: string; readonly profile?: string };

/** The resource bare, or Parameters; mode and profile in the query too. */
function readCall({ body, query }: OperationCall): Sent {
  const asked = Object.fromEntries(query.filter(([name]) => name === 'mode' || name === 'profile'));
  if (!body) return asked;
  if (body.resource.resourceType !== 'Parameters') return { ...asked, resource: body.resource };
  const { parameter } = body.resource;
  const sent = (Array.isArray(parameter) ? parameter : []).filter(isNamed).map(readParameter);
  return Object.assign({}, asked, ...sent);
}

type Named = Readonly<Record<string, unknown>> & { readonly name: string };

function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}

function readParameter(parameter: Named): Sent {
  const { name, resource, valueCode, valueString, valueUri, valueCanonical } = parameter;
  const text = [valueCode, valueString, valueUri, valueCanonical].find((value) => typeof value === 'string');
  if (name === 'resource' && isResource(resource)) return { resource };
  if (name === 'mode' && typeof text === 'string') return { mode: text };
  if (name === 'profile' && typeof text === 'string') return { profile: text };
  throw new Problem(
    'invalid-content',
    `$validate has no parameter "${name}" of that kind: resource, mode, profile`,
    {
      expression: placeOf(name),
    },
  );
}

async function readStored(ctx: InteractionContext, { type, id }: OperationCall): Promise<Resource> {
  if (type === undefined || id === undefined) {
    throw new Problem('missing-parameter', 'The parameter resource is missing', {
      expression: placeOf('resource'),
    });
  }
  return parseStored(await readResource(ctx, { type, id })).resource;
}

async function judgeDelete(ctx: InteractionContext, { type, id }: OperationCall): Promise<readonly Issue[]> {
  if (type === undefined || id === undefined) {
    throw new Problem('invalid-parameter', 'mode=delete is for a stored resource: call it on the instance');
  }
  const key = await readResource(ctx, { type, id });
  try {
    await refuseReferred(ctx, key, [key]);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.issues;
    throw thrown;
  }
  return [];
}

function judge(
  ctx: InteractionContext,
  { type, id }: OperationCall,
  resource: Resource,
  mode: string | undefined,
  profile: string | undefined,
): readonly Issue[] {
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
      issue('not-supported', `This server does not know the profile ${profile}`, placeOf('profile')),
    );
  }
  const profiles = [
    ...(enforced.get(resource.resourceType) ?? []),
    ...(profile === undefined ? [] : [profile]),
  ];
  return [...issues, ...validator.validate(resource, { declared: 'error', profiles })];
}

function issue(code: string, text: string, expression: string): Issue {
  return { severity: 'error', code, text, expression };
}

function outcome(issues: readonly Issue[]): object {
  const valid: Issue = { severity: 'information', code: 'informational', text: 'The resource is valid' };
  return toOperationOutcome(issues.some(isError) ? issues : [valid, ...issues]);
}
