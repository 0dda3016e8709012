import type { VNode } from 'preact';

export type GaugeProps = {
  /** What it says, in words: the numbers are in no other place for who is read to. */
  readonly label: string;
  readonly value: number;
  readonly orderPoint: number;
  readonly target: number;
  /** Days that it lasts; amber under 14, red under 7. */
  readonly days: number;
};

const width = 170;

/** A bar on a ground that ends a third behind the target. */
export function Gauge({ label, value, orderPoint, target, days }: GaugeProps): VNode {
  const most = Math.max(target * 1.3, 1);
  const at = (number: number) => (Math.min(Math.max(number, 0), most) / most) * width;
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${width} 22`} width={width} height="22" class="drawn">
      <rect class="ground" y="4" width={width} height="14" rx="3" />
      <rect class={`filled ${toneOf(days)}`} y="4" width={at(value)} height="14" rx="3" />
      <line class="order-point" x1={at(orderPoint)} x2={at(orderPoint)} y1="1" y2="21" />
      <rect class="tick" x={at(target) - 1} width="2" y="0" height="22" />
    </svg>
  );
}

function toneOf(days: number): string {
  if (days < 7) return 'overdue';
  return days < 14 ? 'due' : '';
}
