import { type Message, type Segment, segmentOf } from '../er7/message.ts';
import { deletes, rawField, textAt } from '../er7/piece.ts';
import type { Finding } from '../finding.ts';
import { fitSegment, isLost, runCascade } from './cascade.ts';
import { checkHeader } from './check-header.ts';
import { byPlace } from './finding-order.ts';
import { quote } from './finding-text.ts';
import type { Guide } from './guide.ts';
import { oneForEachLoss, withoutFollowing } from './one-cause.ts';
import { walkProfile } from './walk-profile.ts';

/** A QBP that the guide's cascade has gone over. */
export type CheckedQuery =
  /** The first check failed: an ACK with AR answers it (Z23). */
  | { readonly kind: 'unsupported'; readonly findings: readonly Finding[] }
  /** The query itself cannot be asked: a Z33 with AE answers it. */
  | { readonly kind: 'refused'; readonly qpd: Segment | undefined; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'accepted';
      /** Z34 asks for the history, Z44 for it evaluated and with a forecast. */
      readonly profile: 'Z34' | 'Z44';
      readonly msh: Segment;
      /** As sent: it goes back as it came. What was unfit in it is empty in `fit`. */
      readonly qpd: Segment;
      readonly fit: Segment;
      readonly rcp?: Segment;
      readonly findings: readonly Finding[];
    };

export function checkQuery(guide: Guide, message: Message): CheckedQuery {
  const header = checkHeader(message);
  if (header.kind === 'unsupported') return { kind: 'unsupported', findings: header.findings };
  const { msh } = header;
  const qpd = segmentOf(message, 'QPD');
  const profile = profileOf(qpd);
  const definition = guide.profiles.get(profile ?? 'Z34');
  if (!definition) return { kind: 'refused', qpd, findings: header.findings };
  const { violations } = walkProfile(definition, message);
  const cascade = runCascade(guide, definition, withoutFollowing(violations));
  const fit = qpd && fitSegment(cascade, qpd);
  cascade.findings.push(...header.findings, ...queryFindings(qpd, fit, cascade.findings));
  const findings = byPlace(message, oneForEachLoss(cascade.findings));
  const isRefused = cascade.isRefused || isLost(cascade, msh) || !fit || !asksForSomebody(fit);
  if (isRefused || !qpd || !profile) return { kind: 'refused', qpd, findings };
  const sentRcp = segmentOf(message, 'RCP');
  const rcp = sentRcp && fitSegment(cascade, sentRcp);
  return { kind: 'accepted', profile, msh, qpd, fit, ...(rcp && { rcp }), findings };
}

function profileOf(qpd: Segment | undefined): 'Z34' | 'Z44' | undefined {
  const name = qpd && textAt(qpd, { field: 1 });
  return name === 'Z34' || name === 'Z44' ? name : undefined;
}

function queryFindings(
  qpd: Segment | undefined,
  fit: Segment | undefined,
  told: readonly Finding[],
): readonly Finding[] {
  const unknown = qpd && !profileOf(qpd) ? [unknownQuery(textAt(qpd, { field: 1 }) ?? '')] : [];
  // A value that could not be read is the reason, and says what to mend.
  const isTold = told.some(({ severity, location }) => severity === 'E' && location?.segment === 'QPD');
  return fit && !isTold && !asksForSomebody(fit) ? [...unknown, asksForNobody] : unknown;
}

/** A patient is looked for by an identifier, or by name and birth date. */
const asksForSomebody = (qpd: Segment): boolean => saysOf(qpd, 3) || (saysOf(qpd, 4) && saysOf(qpd, 6));

function saysOf(qpd: Segment, field: number): boolean {
  const raw = rawField(qpd, field);
  return raw !== '' && !deletes({ raw });
}

const asksForNobody: Finding = {
  severity: 'E',
  code: '101',
  application: '7',
  location: { segment: 'QPD', occurrence: 1, field: 3, repetition: 1 },
  text: 'QPD asks for nobody: send an identifier in QPD-3, or a name in QPD-4 and a birth date in QPD-6.',
};

function unknownQuery(name: string): Finding {
  const text = `QPD-1 (Message Query Name) ${quote(name)} is not served here; send Z34 or Z44.`;
  const location = { segment: 'QPD', occurrence: 1, field: 1, repetition: 1, component: 1 };
  return { severity: 'E', code: '103', application: '5', location, text };
}
