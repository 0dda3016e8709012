import type { CheckedVxu } from '../checked-message.ts';
import type { Segment } from '../er7/message.ts';
import { rawField } from '../er7/piece.ts';
import type { MappingTables } from './mapping-tables.ts';
import { fieldText, saying } from './v2-text.ts';

type Accepted = Extract<CheckedVxu, { kind: 'accepted' }>;

/**
 * What was sent and has no place in the mapping, as `PID[1]-26`: it stays in the message, which is kept. Beside what the
 * guide's checks say of the whole message.
 */
export function withoutPlaceIn(tables: MappingTables, checked: Accepted): readonly string[] {
  const { msh, pid, pd1, pv1, nk1s, orders } = checked;
  const found: string[] = [...checked.withoutPlace];
  const take = (segment: Segment | undefined) => {
    if (segment) found.push(...fieldsWithout(tables, segment));
  };
  for (const segment of [msh, pid, pd1, ...nk1s, pv1]) take(segment);
  for (const { orc, rxa, rxr, obxs } of orders) {
    for (const segment of [orc, rxa, rxr]) take(segment);
    for (const { obx, notes } of obxs) {
      if (isSaying(obx)) take(obx);
      else found.push(nameOf(obx));
      for (const note of notes) take(note);
    }
  }
  return [...new Set(found)];
}

const nameOf = ({ name, occurrence }: Segment): string => `${name}[${occurrence}]`;

/** An OBX without a code or a value says nothing that could be kept. */
const isSaying = (obx: Segment): boolean => fieldText(obx, 3) !== undefined && saying(obx, 5).length > 0;

function fieldsWithout(tables: MappingTables, segment: Segment): readonly string[] {
  // To ask for one cuts all.
  rawField(segment, 1);
  const { fields = [] } = segment;
  const found: string[] = [];
  for (let field = 1; field < fields.length; field++) {
    const name = `${segment.name}-${field}`;
    if (fields[field] === '') continue;
    if (!tables.hasPlace(name)) found.push(`${nameOf(segment)}-${field}`);
    else if (tables.hasOnePlace(name) && saying(segment, field).length > 1)
      found.push(`${nameOf(segment)}-${field}[2]`);
  }
  return found;
}
