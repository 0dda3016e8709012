import type { Problem, ProblemKind } from '../../fhir/problem.ts';
import type { ApplicationCode, ErrorCode, ErrorLocation, Finding } from '../finding.ts';

type Told = readonly [code: ErrorCode, application?: ApplicationCode];

/** What a Problem of the interactions is in HL70357 and HL70533. The only such table. */
const told: Readonly<Record<ProblemKind, Told>> = {
  'invalid-syntax': ['102'],
  'invalid-content': ['102', '4'],
  'invalid-parameter': ['102', '4'],
  'invalid-value': ['102', '4'],
  'unknown-parameter': ['207'],
  'not-supported': ['207'],
  'missing-parameter': ['101', '7'],
  'missing-content': ['101', '7'],
  unauthenticated: ['207'],
  forbidden: ['207'],
  'not-found': ['204'],
  'missing-reference': ['204'],
  gone: ['204'],
  'unmet-need': ['207'],
  'no-match': ['204'],
  'unknown-type': ['207'],
  'method-not-allowed': ['207'],
  'not-acceptable': ['207'],
  'too-slow': ['206'],
  conflict: ['205'],
  'multiple-matches': ['205'],
  'stale-version': ['206'],
  busy: ['206'],
  'too-many-requests': ['206'],
  'too-large': ['207'],
  'unsupported-media-type': ['207'],
  'expectation-failed': ['207'],
  'business-rule': ['207', '3'],
  'headers-too-large': ['207'],
  'unknown-method': ['207'],
};

/** A Problem as what a clinic is told of the segment that it came of. */
export function problemFinding(problem: Problem, location?: ErrorLocation): Finding {
  const [code, application] = told[problem.kind];
  // Who sends by a login or a certificate never had a token.
  const text = problem.message
    .replace(/^(?:Bundle\.entry\[\d+\]: )+/, '')
    .replace(/\b(the|this) access token does not allow to /i, 'this account may not ')
    .replace(/\b(?:the|this) access token\b/i, 'this account')
    .replace(/^this/, 'This');
  return {
    severity: 'E',
    code,
    ...(application && { application }),
    ...(location && { location }),
    text,
  };
}

type Refused = {
  readonly location?: ErrorLocation | undefined;
  /** Nothing of the message was kept for it. */
  readonly isAll: boolean;
  readonly hasOrganization: boolean;
};

/** A Problem for which something was not kept: what that was, and what an account without an organization lacks. */
export function refusalFinding(problem: Problem, { location, isAll, hasOrganization }: Refused): Finding {
  const finding = problemFinding(problem, location);
  const lacks = problem.kind === 'forbidden' && !hasOrganization ? `: ${noOrganization}` : '';
  const lost = isAll
    ? 'The message'
    : location?.segment === 'RXA'
      ? 'This dose'
      : `This ${location?.segment}`;
  return { ...finding, text: `${finding.text}${lacks}. ${lost} was not kept.` };
}

const noOrganization =
  'it belongs to no organization, which the registry can give it (jenner user change LOGIN --organization ID)';

/** The entry of a Bundle that a Problem speaks of. */
export function entryOf({ issues }: Problem): number | undefined {
  const at = issues.map(({ expression }) => /^Bundle\.entry\[(\d+)\]/.exec(expression ?? '')?.[1]);
  const first = at.find((one) => one !== undefined);
  return first === undefined ? undefined : Number(first);
}
