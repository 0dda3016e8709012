import type { JsonObject } from '../fhir-json.ts';
import type { ProfileContext } from './profile-context.ts';
import type { Profile } from './profile-tree.ts';
import { resolveNearby, typeReferredTo } from './reference-rules.ts';
import { quote, reportAt } from './run.ts';

const core = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * The target must be of a type that the profile lets stand there; a contained one must meet one of the profiles. What
 * lies elsewhere is not fetched.
 */
export function checkReferenceProfiles(
  context: ProfileContext,
  { reference }: JsonObject,
  targets: readonly string[] | undefined,
): void {
  if (typeof reference !== 'string' || !targets) return;
  const { run, scope, profileOf, profile } = context;
  const type = typeReferredTo(reference, scope);
  const profiles = targets.map((url) => profileOf(url));
  const types = targets.map((url, index) => profiles[index]?.type ?? coreType(url));
  const fail = (text: string) =>
    reportAt(run, ['reference'], { severity: 'error', code: 'value', text: `${text} (${profile.name})` });
  if (
    type !== undefined &&
    !types.includes(undefined) &&
    !types.includes('Resource') &&
    !types.includes(type)
  ) {
    fail(`${quote(reference)} is a ${type}; expected ${types.join(' or ')}`);
    return;
  }
  const target = reference.startsWith('#') && reference !== '#' ? resolveNearby(reference, scope) : undefined;
  const own = profiles.filter((each): each is Profile => each?.type === type);
  if (!target || own.length === 0 || targets.some((url) => coreType(url) === type)) return;
  if (own.some((each) => context.meets({ ...context, scope: { ...scope, resource: target } }, each, target)))
    return;
  fail(`The contained ${type} ${quote(reference)} does not meet ${own.map(({ name }) => name).join(' or ')}`);
}

/** The type behind a target that is no profile; undefined for a profile that is not known here. */
function coreType(url: string): string | undefined {
  return url.startsWith(core) ? url.slice(core.length) : undefined;
}
