import type { Message } from '../er7/message.ts';
import type { Finding } from '../finding.ts';

/** Findings in the order of the message: by segment, and in it by field. */
export function byPlace(message: Message, findings: readonly Finding[]): readonly Finding[] {
  const places = new Map(message.segments.map(({ name, occurrence }, at) => [`${name} ${occurrence}`, at]));
  const placeOf = ({ location }: Finding): number =>
    location ? (places.get(`${location.segment} ${location.occurrence}`) ?? message.segments.length) : -1;
  return findings
    .map((finding) => ({ finding, at: placeOf(finding), field: finding.location?.field ?? 0 }))
    .sort((a, b) => a.at - b.at || a.field - b.field)
    .map(({ finding }) => finding);
}
