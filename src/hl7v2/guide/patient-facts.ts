import type { OrderGroup } from '../checked-message.ts';
import type { Segment } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';
import { writeSegment } from '../er7/write-segment.ts';
import type { Structure } from './match-structure.ts';

/**
 * Observations that stand before the first order. Guides before 1.5 told so what is said of the patient: immunity, a
 * contraindication. They are read as 1.5 has them sent: under an RXA that says no vaccine was given (998).
 */
export function patientFacts({ faults }: Structure, msh: Segment): readonly OrderGroup[] {
  const strays = faults.flatMap((fault) =>
    fault.kind === 'unexpected' && !fault.isRead && fault.segment.name === 'OBX' ? [fault.segment] : [],
  );
  if (strays.length === 0) return [];
  const day = (textAt(msh, { field: 7 }) ?? '').slice(0, 8);
  const none = ['998', 'No vaccine administered', 'CVX'];
  const raw = writeSegment(
    'RXA',
    { 1: '0', 2: '1', 3: day, 4: day, 5: none, 6: '999', 20: 'NA', 21: 'A' },
    msh.delimiters,
  );
  const rxa = { name: 'RXA', occurrence: 0, raw, end: '\r', delimiters: msh.delimiters, isPlain: false };
  return [{ number: 0, rxa, obxs: strays.map((obx) => ({ obx, notes: [] })) }];
}
