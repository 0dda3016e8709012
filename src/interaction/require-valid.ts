import { type Issue, Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import type { InteractionContext } from './context.ts';

/** No answer needs more issues than a developer can read. */
const maxIssues = 50;

/**
 * Throws when the resource may not be kept. R4 http.html#rejecting-updates: what breaks a rule of R4 itself is 400, what
 * breaks a profile is 422.
 */
export function requireValid(ctx: InteractionContext, resource: Resource): void {
  const issues = validate(ctx, resource);
  const errors = issues.filter(isError);
  if (errors.length === 0) return;
  const base = ctx.validation.validator.validate(resource, { declared: 'ignore' });
  const kind = base.some(isError) ? 'invalid-content' : 'business-rule';
  const shown = [...errors, ...issues.filter((issue) => !isError(issue))].slice(0, maxIssues);
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new Problem(kind, `${first?.text ?? 'The resource is not valid'}${more}`, { issues: shown });
}

/** All issues of the resource under the profiles that it claims and that are enforced. */
export function validate(ctx: InteractionContext, resource: Resource): readonly Issue[] {
  const { validator, enforced, declared } = ctx.validation;
  const profiles = enforced.get(resource.resourceType);
  return validator.validate(resource, { declared, ...(profiles && { profiles }) });
}

export function isError({ severity }: Issue): boolean {
  return severity === 'error' || severity === 'fatal';
}
