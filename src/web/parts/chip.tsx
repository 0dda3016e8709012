import type { ComponentChildren, VNode } from 'preact';
import type { StatusCode } from '../../registry/forecasting/vaccine-status.ts';
import type { Translate } from '../translate.ts';
import { Sign, type SignName, statusLooks, type Tone } from './sign.tsx';

type ChipProps = { readonly sign: SignName; readonly tone: Tone; readonly children: ComponentChildren };

/** Shape, word and colour, so that each of them is enough. */
export function Chip({ sign, tone, children }: ChipProps): VNode {
  return (
    <span class={`chip ${tone}`}>
      <Sign of={sign} />
      <span>{children}</span>
    </span>
  );
}

/** The status of a vaccine group. `unknown`: it could not be worked out. */
export function StatusChip({ of, t }: { readonly of: StatusCode | 'unknown'; readonly t: Translate }): VNode {
  const { sign, tone } = statusLooks[of];
  return (
    <Chip sign={sign} tone={tone}>
      {t(`status.${of}`)}
    </Chip>
  );
}
