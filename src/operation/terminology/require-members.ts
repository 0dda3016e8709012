import { Problem } from '../../fhir/problem.ts';
import { type ExpansionFault, isFault, type Members } from '../../fhir/terminology/members.ts';
import type { KnownValueSet } from '../../fhir/terminology/value-set-members.ts';
import type { Pace } from '../../values/turns.ts';

const issueCodes: Readonly<Record<ExpansionFault['kind'], string>> = {
  'unknown-system': 'not-found',
  'unknown-value-set': 'not-found',
  unsupported: 'not-supported',
  circular: 'business-rule',
  'too-costly': 'too-costly',
};

/** The members of a value set, or the Problem that keeps it from being expanded. */
export async function requireMembers(valueSet: KnownValueSet, pace: Pace): Promise<Members> {
  const members = await valueSet.membersInTurns(pace);
  if (!isFault(members)) return members;
  throw cannotExpand(members);
}

/** R4 $expand: the value set is known, but what it asks for cannot be done, so 422. */
export function cannotExpand({ kind, text }: ExpansionFault): Problem {
  return new Problem('business-rule', text, {
    issues: [{ severity: 'error', code: issueCodes[kind], text }],
  });
}
