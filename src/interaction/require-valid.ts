import { type Issue, Problem } from '../fhir/problem.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import type { ValidateOptions } from '../fhir/validation/validator.ts';
import { writeJsonWithPauses } from '../fhir/write-json.ts';
import type { InteractionContext } from './context.ts';

/** No answer needs more issues than a developer can read. */
const maxIssues = 50;

/** What breaks a rule of R4 itself is told from what breaks a profile by these. */
const baseAlone: ValidateOptions = { declared: 'ignore' };

/**
 * Throws when the resource may not be kept. R4 http.html#rejecting-updates: what breaks a rule of R4 itself is 400, what
 * breaks a profile is 422.
 */
export function requireValid(ctx: Pick<InteractionContext, 'validation'>, resource: Resource): void {
  const { validator } = ctx.validation;
  const issues = validator.validate(resource, optionsFor(ctx, resource));
  if (!issues.some(isError)) return;
  throw refusal(issues, validator.validate(resource, baseAlone));
}

/** The same of a resource that is large. */
export async function requireLargeValid(ctx: InteractionContext, parsed: ParsedResource): Promise<void> {
  const { resource } = parsed;
  const issues = await judgeLarge(ctx, parsed, optionsFor(ctx, resource));
  if (!issues.some(isError)) return;
  throw refusal(issues, await judgeLarge(ctx, parsed, baseAlone));
}

/** What is wrong with a large resource; found out in a thread where others would wait for it. */
export async function judgeLarge(
  { validation, pace }: InteractionContext,
  { resource, exactNumbers }: ParsedResource,
  options: ValidateOptions,
): Promise<readonly Issue[]> {
  const { validator, judgeElsewhere } = validation;
  if (!judgeElsewhere) return validator.validate(resource, options);
  return judgeElsewhere(await writeJsonWithPauses(resource, exactNumbers, pace), options, pace);
}

/** The profiles that it claims, and those that are enforced. */
function optionsFor(
  { validation }: Pick<InteractionContext, 'validation'>,
  { resourceType }: Resource,
): ValidateOptions {
  const { enforced, declared } = validation;
  const profiles = enforced.get(resourceType);
  return { declared, ...(profiles && { profiles }) };
}

function refusal(issues: readonly Issue[], ofBase: readonly Issue[]): Problem {
  const errors = issues.filter(isError);
  const kind = ofBase.some(isError) ? 'invalid-content' : 'business-rule';
  const shown = [...errors, ...issues.filter((issue) => !isError(issue))].slice(0, maxIssues);
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Problem(kind, `${first?.text ?? 'The resource is not valid'}${more}`, { issues: shown });
}

export function isError({ severity }: Issue): boolean {
  return severity === 'error' || severity === 'fatal';
}
