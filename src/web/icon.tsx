import type { VNode } from 'preact';

const stroke = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': '2',
  'stroke-linecap': 'round',
} as const;

const shapes = {
  brand: (
    <>
      <rect width="24" height="24" rx="6" fill="currentColor" />
      <path
        class="brand-line"
        d="M12 4.5l6 2.2v4.9c0 3.8-2.5 6.5-6 7.9-3.5-1.4-6-4.1-6-7.9V6.7zM9.2 11.7l2 2 3.6-3.7"
      />
    </>
  ),
  alert: <path d="M12 3L2 20.5h20zM12 9.5v5M12 17.2v.3" {...stroke} stroke-linejoin="round" />,
  check: <path d="M12 2.5a9.5 9.5 0 100 19 9.5 9.5 0 000-19zM7.5 12.3l3 3 6-6.3" {...stroke} />,
  clock: <path d="M12 2.5a9.5 9.5 0 100 19 9.5 9.5 0 000-19zM12 7v5.3l3.5 2" {...stroke} />,
  question: (
    <path
      d="M12 2.5a9.5 9.5 0 100 19 9.5 9.5 0 000-19zM9.3 9.3a2.8 2.8 0 115 1.8c-.9.9-2.2 1.2-2.2 2.8M12 17v.3"
      {...stroke}
    />
  ),
} as const;

/** A picture beside words that say the same: it is not read aloud. */
export function Icon({ of }: { readonly of: keyof typeof shapes }): VNode {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {shapes[of]}
    </svg>
  );
}
