import { tableOf } from '../../values/table-of.ts';
import { type Message, type Segment, segmentOf } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';
import type { ErrorCode, Finding } from '../finding.ts';
import { quote } from './finding-text.ts';

/** What a message wants: to report (VXU), to ask (QBP), or what this door does not serve. */
export type HeaderCheck =
  | { readonly kind: 'vxu' | 'qbp'; readonly msh: Segment; readonly findings: readonly Finding[] }
  /** AR: type, event, processing id or version that nobody serves (HL70357 200 to 203). */
  | {
      readonly kind: 'unsupported';
      readonly msh: Segment | undefined;
      readonly findings: readonly Finding[];
    };

const events: Readonly<Record<string, string>> = tableOf({ VXU: 'V04', QBP: 'Q11' });

/**
 * Versions whose VXU and QBP are read. The guide is of 2.5.1; those before it have the same segments, and are read with a
 * warning, since senders of them say so in good faith.
 */
const versions: ReadonlySet<string> = new Set(['2.5.1']);
const earlierVersions: ReadonlySet<string> = new Set(['2.3.1', '2.4', '2.5']);
const processingIds: ReadonlySet<string> = new Set(['P', 'T', 'D']);

/** The first look at a message: MSH-9, MSH-11 and MSH-12 (guide §3.2). Everything else is a matter of its content. */
export function checkHeader(message: Message): HeaderCheck {
  const msh = segmentOf(message, 'MSH');
  if (!msh)
    return {
      kind: 'unsupported',
      msh,
      findings: [refusal('100', 'MSH', undefined, 'A message begins with MSH.')],
    };
  const type = textAt(msh, { field: 9 });
  const refused = [...typeFaults(msh, type), ...processingFaults(msh), ...versionFaults(msh)];
  if (refused.some(({ severity }) => severity === 'E'))
    return { kind: 'unsupported', msh, findings: refused };
  return { kind: type === 'QBP' ? 'qbp' : 'vxu', msh, findings: refused };
}

function typeFaults(msh: Segment, type = ''): readonly Finding[] {
  const event = textAt(msh, { field: 9, component: 2 }) ?? '';
  const expected = events[type];
  if (expected === undefined) {
    const text = `MSH-9 (Message Type) ${quote(type)} is not served here; send VXU^V04^VXU_V04 or QBP^Q11^QBP_Q11.`;
    return [refusal('200', 'MSH', { field: 9, component: 1 }, text)];
  }
  if (event === expected) return [];
  const text = `MSH-9 (Message Type) has the event ${quote(event)}; with ${type} it is ${expected}.`;
  return [refusal('201', 'MSH', { field: 9, component: 2 }, text)];
}

function processingFaults(msh: Segment): readonly Finding[] {
  const id = textAt(msh, { field: 11 }) ?? '';
  if (processingIds.has(id)) return [];
  const text = `MSH-11 (Processing ID) ${quote(id)} is not served here; send P, T or D.`;
  return [refusal('202', 'MSH', { field: 11 }, text)];
}

function versionFaults(msh: Segment): readonly Finding[] {
  const version = textAt(msh, { field: 12 }) ?? '';
  if (versions.has(version)) return [];
  const text = `MSH-12 (Version ID) ${quote(version)} is not served here; send 2.5.1.`;
  if (!earlierVersions.has(version)) return [refusal('203', 'MSH', { field: 12 }, text)];
  const location = { segment: 'MSH', occurrence: 1, field: 12, repetition: 1 };
  const warning = `MSH-12 (Version ID) is ${quote(version)}; the message was read as one of 2.5.1.`;
  return [{ severity: 'W', code: '203', location, text: warning, detection: 'MQE0039' }];
}

function refusal(
  code: ErrorCode,
  segment: string,
  place: { readonly field: number; readonly component?: number } | undefined,
  text: string,
): Finding {
  const below = place ? { field: place.field, repetition: 1 } : {};
  const component = place?.component === undefined ? {} : { component: place.component };
  return { severity: 'E', code, location: { segment, occurrence: 1, ...below, ...component }, text };
}
