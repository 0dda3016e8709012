import type { ErrorLocation, Finding } from '../finding.ts';
import type { Violation } from './violation.ts';

/** A repetition of a field, or a field, or a segment, by its place in the message. */
const placeKey = ({ segment, occurrence, field, repetition = 1 }: ErrorLocation): string =>
  `${segment} ${occurrence} ${field} ${repetition}`;

const exactKey = (location: ErrorLocation): string =>
  `${placeKey(location)} ${location.component} ${location.subcomponent}`;

/**
 * Violations without those that only follow from another: one fault is told once. A rule over a value says nothing of one
 * that cannot be read, and its length is no matter; that a reason of refusal goes with RE (IZ-32) follows from one where none
 * belongs; a rule about RXA-5 998 says nothing where RXA-5 cannot be read, though
 * NIST's engine takes what is said of an empty element as so; and the parts of a phone number follow from its use.
 */
export function withoutFollowing(violations: readonly Violation[]): readonly Violation[] {
  if (violations.length < 2) return violations;
  const own = new Set(violations.filter(({ fault }) => fault.kind !== 'statement').map(keyOf));
  const followsOfPhone = phoneFollowers(violations);
  const unfit18 = new Set(violations.filter(isNeedlessReason).map(({ location }) => location.occurrence));
  const unread = new Set(
    violations
      .filter(({ fault }) => fault.kind === 'code' || fault.kind === 'format')
      .map(({ location }) => exactKey(location)),
  );
  const ofOtherSystem = new Set(
    violations.filter(({ fault }) => fault.kind === 'code-system').map(({ location }) => exactKey(location)),
  );
  const isOfAnother = (rule: string, location: ErrorLocation): boolean =>
    (rule === 'IZ-32' && unfit18.has(location.occurrence)) ||
    (rule === 'IZ-47' && own.has(placeKey({ ...location, field: 20 }))) ||
    (rule === 'IZ-49' && own.has(placeKey({ ...location, field: 5 })));
  return violations.filter((one) => {
    const { fault, location } = one;
    if (fault.kind === 'code' && ofOtherSystem.has(exactKey(location))) return false;
    if (fault.kind === 'length') return !unread.has(exactKey(location));
    if (followsOfPhone(one)) return false;
    if (fault.kind !== 'statement') return true;
    if (isOfAnother(fault.id, location)) return false;
    return location.field === undefined || !own.has(keyOf(one));
  });
}

const keyOf = ({ location }: Violation): string => placeKey(location);

/** RXA-18 without RXA-20 RE, which IZ-32 says of RXA-20. */
const isNeedlessReason = ({ fault, location: { segment, field } }: Violation): boolean =>
  fault.kind === 'unsupported' && segment === 'RXA' && field === 18;

const isPhone = ({ location: { segment, field } }: Violation): boolean =>
  (segment === 'PID' && field === 13) ||
  (segment === 'NK1' && field === 5) ||
  (segment === 'QPD' && field === 9);

/**
 * Of XTN: what its parts must be follows from its use (component 2); and a whole number in component 1, where earlier
 * guides had it, has neither use nor parts.
 */
function phoneFollowers(violations: readonly Violation[]): (one: Violation) => boolean {
  const phones = violations.filter(isPhone);
  if (phones.length < 2) return () => false;
  const has = (kind: Violation['fault']['kind'], ...components: readonly number[]) =>
    new Set(
      phones
        .filter(({ fault, location }) => fault.kind === kind && components.includes(location.component ?? 0))
        .map(keyOf),
    );
  const [withoutUse, inOldPlace, inParts] = [
    has('missing', 2),
    has('unsupported', 1),
    has('unsupported', 6, 7),
  ];
  return (one) => {
    const key = keyOf(one);
    const { component } = one.location;
    if (!isPhone(one) || component === undefined || component === 1) return false;
    if (component !== 2 && withoutUse.has(key)) return true;
    return one.fault.kind === 'missing' && inOldPlace.has(key) && !inParts.has(key);
  };
}

/** Findings without what else is said of a field whose loss, or whose being of another version, is told. */
export function oneForEachLoss(findings: readonly Finding[]): readonly Finding[] {
  const lost = new Set(
    findings.flatMap(({ severity, code, location }) =>
      (severity === 'E' || code === '203') && location?.field !== undefined ? [placeKey(location)] : [],
    ),
  );
  if (lost.size === 0) return findings;
  return findings.filter(
    ({ severity, code, location }) =>
      severity === 'E' || code === '203' || location?.field === undefined || !lost.has(placeKey(location)),
  );
}
