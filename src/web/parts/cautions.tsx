import type { VNode } from 'preact';
import { Icon } from '../icon.tsx';
import type { Translate } from '../translate.ts';
import { type Fault, FaultList } from './faults.tsx';

/** What is odd and may be so all the same, first on the page and focused: the button below saves it anyhow. */
export function Cautions({
  cautions,
  t,
}: {
  readonly cautions: readonly Fault[];
  readonly t: Translate;
}): VNode | null {
  if (cautions.length === 0) return null;
  return (
    <div class="notice warn" role="alert" tabIndex={-1} autofocus>
      <Icon of="alert" />
      <div>
        <h2>{t('caution.title')}</h2>
        <FaultList faults={cautions} />
        <p>{t('caution.text')}</p>
      </div>
    </div>
  );
}
