import type { OrderGroup } from '../checked-message.ts';
import type { Segment } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';
import { writeSegment } from '../er7/write-segment.ts';
import { dayOf } from './hl7-date.ts';

/** What is said of the visit in which doses were given: PV1, and the header with the day of the message. */
type Visit = { readonly pv1: Segment | undefined; readonly msh: Segment };

/**
 * PV1-20: guides before 1.4 told of the eligibility once for a visit. It is read as the observation that 1.5 has for each
 * dose (64994-7), of those that were given that day and have none of their own.
 */
export function withVisitEligibility({ pv1, msh }: Visit, order: OrderGroup): OrderGroup {
  const code = pv1 && textAt(pv1, { field: 20 });
  const day = pv1 && visitDay(pv1, msh);
  if (code === undefined || day === undefined || !isGivenOn(order, day) || hasOwn(order)) return order;
  const { delimiters } = order.rxa;
  const fields = {
    1: String(order.obxs.length + 1),
    2: 'CE',
    3: ['64994-7', undefined, 'LN'],
    4: 'visit',
    5: [code, undefined, 'HL70064'],
    11: 'F',
    14: textAt(order.rxa, { field: 3 })?.slice(0, 8),
    17: ['VXC41', 'Eligibility captured at the visit level', 'CDCPHINVS'],
  };
  const raw = writeSegment('OBX', fields, delimiters);
  const obx: Segment = { name: 'OBX', occurrence: 0, raw, end: '\r', delimiters, isPlain: false };
  return { ...order, obxs: [...order.obxs, { obx, notes: [] }] };
}

/** PV1-20.2, else the day of admission, else that of the message. */
function visitDay(pv1: Segment, msh: Segment) {
  const days = [textAt(pv1, { field: 20, component: 2 }), textAt(pv1, { field: 44 })];
  return dayOf(days.find((text) => text !== undefined) ?? textAt(msh, { field: 7 }));
}

function isGivenOn({ rxa }: OrderGroup, day: number): boolean {
  const status = textAt(rxa, { field: 20 }) ?? 'CP';
  const isGiven = textAt(rxa, { field: 9 }) === '00' && (status === 'CP' || status === 'PA');
  return isGiven && dayOf(textAt(rxa, { field: 3 })) === day;
}

const hasOwn = ({ obxs }: OrderGroup): boolean =>
  obxs.some(({ obx }) => textAt(obx, { field: 3 }) === '64994-7');
