import type { VNode } from 'preact';
import type { DoseMark } from '../../registry/forecasting/record-view/record-view.ts';
import type { StatusCode } from '../../registry/forecasting/vaccine-status.ts';

const line = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': '2',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const;

const ring = 'M12 2.8a9.2 9.2 0 100 18.4 9.2 9.2 0 000-18.4z';

/** Shapes that are told apart without colour; what is cut out of a filled one shows the ground. */
const shapes = {
  triangle: (
    <>
      <path d="M12 2.5L1.5 21h21z" fill="currentColor" />
      <path class="cut" d="M12 9v5.2M12 17.6v.2" />
    </>
  ),
  clock: (
    <>
      <path d={ring} fill="currentColor" />
      <path class="cut" d="M12 7v5.4l3.4 2" />
    </>
  ),
  clockRing: <path d={`${ring}M12 7v5.4l3.4 2`} {...line} />,
  calendar: <path d="M3.5 5.5h17v15h-17zM3.5 10h17M8 3v4M16 3v4" {...line} />,
  check: (
    <>
      <path d={ring} fill="currentColor" />
      <path class="cut" d="M7.4 12.4l3.1 3.1 6.1-6.4" />
    </>
  ),
  shield: (
    <path
      d="M12 2.8l7.5 2.8v5.6c0 4.7-3.1 8.1-7.5 10-4.4-1.9-7.5-5.3-7.5-10V5.6zM8.4 12l2.6 2.6 4.6-4.8"
      {...line}
    />
  ),
  dash: <path d={`${ring}M7.8 12h8.4`} {...line} />,
  barred: <path d={`${ring}M5.6 5.6l12.8 12.8`} {...line} stroke-width="2.6" />,
  bubble: <path d="M3 4h18v12.5H11.5L7 20.5v-4H3z" {...line} />,
  dots: <path d={`${ring}M8 12h.1M12 12h.1M16 12h.1`} {...line} />,
  cross: <path d={`${ring}M9 9l6 6M15 9l-6 6`} {...line} stroke-dasharray="3.4 2.6" />,
  plus: <path d={`${ring}M12 8v8M8 12h8`} {...line} />,
  wave: <path d={`${ring}M7.4 13c1.5-2.2 3-2.2 4.6-.6s3.1 1.6 4.6-.8`} {...line} />,
  question: <path d={`${ring}M9.4 9.5a2.7 2.7 0 115 1.6c-.8.9-2.3 1.3-2.3 2.9M12 17v.1`} {...line} />,
  next: <path d={ring} {...line} stroke-dasharray="4.2 3.1" />,
  printer: <path d="M7 8V3h10v5M7 17H3.5V9h17v8H17M7 14h10v7H7z" {...line} />,
  grid: (
    <path
      d="M3.5 3.5h7v7h-7zM13.5 3.5h7v7h-7zM3.5 13.5h7v7h-7zM14 14h2v2M20 14v3M14 20h3M20 20h.1"
      {...line}
    />
  ),
  person: <path d="M12 3.5a4.2 4.2 0 100 8.4 4.2 4.2 0 000-8.4zM4 20.5c.8-4 4-6 8-6s7.2 2 8 6" {...line} />,
} as const;

export type SignName = keyof typeof shapes;

/** A picture beside words that say the same: it is not read aloud. */
export function Sign({ of, tone }: { readonly of: SignName; readonly tone?: Tone | undefined }): VNode {
  return (
    <svg
      class={tone === undefined ? 'sign' : `sign ${tone}`}
      viewBox="0 0 24 24"
      width="18"
      height="18"
      aria-hidden="true"
      focusable="false"
    >
      {shapes[of]}
    </svg>
  );
}

/** The same shape inside a larger drawing. */
export function signShape(of: SignName): VNode {
  return shapes[of];
}

/** What a colour means; each is in tokens.css. */
export type Tone = 'overdue' | 'due' | 'later' | 'complete' | 'none' | 'never' | 'shared';

type Look = { readonly sign: SignName; readonly tone: Tone };

export const statusLooks: Readonly<Record<StatusCode | 'unknown', Look>> = {
  overdue: { sign: 'triangle', tone: 'overdue' },
  due: { sign: 'clock', tone: 'due' },
  can: { sign: 'clockRing', tone: 'due' },
  'shared-decision': { sign: 'bubble', tone: 'shared' },
  later: { sign: 'calendar', tone: 'later' },
  'do-not-give': { sign: 'barred', tone: 'never' },
  'no-advice': { sign: 'dots', tone: 'none' },
  complete: { sign: 'check', tone: 'complete' },
  immune: { sign: 'shield', tone: 'complete' },
  'past-age': { sign: 'dash', tone: 'none' },
  'not-needed': { sign: 'dash', tone: 'none' },
  unknown: { sign: 'question', tone: 'none' },
};

export const markLooks: Readonly<Record<DoseMark, Look>> = {
  counts: { sign: 'check', tone: 'complete' },
  not: { sign: 'cross', tone: 'overdue' },
  extra: { sign: 'plus', tone: 'none' },
  weak: { sign: 'wave', tone: 'due' },
  unjudged: { sign: 'question', tone: 'none' },
};
