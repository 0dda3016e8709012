import type { CheckedVxu, Observation, OrderGroup } from '../../../../src/hl7v2/checked-message.ts';
import { type Message, parseMessage, type Segment } from '../../../../src/hl7v2/er7/message.ts';

export type Accepted = Extract<CheckedVxu, { kind: 'accepted' }>;

/** A message in which nothing is unfit, as the guide's checks would hand it on. */
export function toChecked(text: string): Accepted {
  const message = parseMessage(text);
  if ('kind' in message) throw new Error(message.reason);
  return checkedOf(message);
}

export function checkedOf(message: Message): Accepted {
  const all = message.segments;
  const first = (name: string) => all.find((segment) => segment.name === name);
  const msh = first('MSH');
  const pid = first('PID');
  if (!msh || !pid) throw new Error('no MSH or no PID');
  const pd1 = first('PD1');
  const pv1 = first('PV1');
  return {
    kind: 'accepted',
    message,
    msh,
    pid,
    ...(pd1 && { pd1 }),
    ...(pv1 && { pv1 }),
    nk1s: all.filter(({ name }) => name === 'NK1'),
    orders: ordersOf(all),
    findings: [],
    withoutPlace: [],
  };
}

function ordersOf(all: readonly Segment[]): readonly OrderGroup[] {
  const orders: OrderGroup[] = [];
  let orc: Segment | undefined;
  for (const segment of all) {
    if (segment.name === 'ORC') orc = segment;
    else if (segment.name === 'RXA') {
      orders.push({ number: orders.length + 1, ...(orc && { orc }), rxa: segment, obxs: [] });
      orc = undefined;
    } else {
      const last = orders.pop();
      if (last) orders.push(withSegment(last, segment));
    }
  }
  return orders;
}

function withSegment(order: OrderGroup, segment: Segment): OrderGroup {
  switch (segment.name) {
    case 'RXR':
      return { ...order, rxr: segment };
    case 'OBX':
      return { ...order, obxs: [...order.obxs, { obx: segment, notes: [] }] };
    case 'NTE':
      return { ...order, obxs: withNote(order.obxs, segment) };
    default:
      return order;
  }
}

function withNote(obxs: readonly Observation[], nte: Segment): readonly Observation[] {
  const last = obxs.at(-1);
  return last ? [...obxs.slice(0, -1), { ...last, notes: [...last.notes, nte] }] : obxs;
}

/** Segments as a message. */
export const er7 = (...segments: readonly string[]): string => segments.map((one) => `${one}\r`).join('');
