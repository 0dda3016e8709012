import type { VNode } from 'preact';
import { Icon } from '../icon.tsx';
import type { Translate } from '../translate.ts';

/** Something that must be put right before anything is saved; `field` is the id of where. */
export type Fault = { readonly field?: string; readonly text: string };

/** All of them, first on the page and focused, each a link to its field. */
export function Faults({
  faults,
  t,
}: {
  readonly faults: readonly Fault[];
  readonly t: Translate;
}): VNode | null {
  if (faults.length === 0) return null;
  return (
    <div class="notice bad" role="alert" tabIndex={-1} autofocus>
      <Icon of="alert" />
      <div>
        <h2>{t('summary.title')}</h2>
        <FaultList faults={faults} />
      </div>
    </div>
  );
}

/** Each is a link to where it is. */
export function FaultList({ faults }: { readonly faults: readonly Fault[] }): VNode {
  return (
    <ul>
      {faults.map(({ field, text }) => (
        <li key={`${field} ${text}`}>{field === undefined ? text : <a href={`#${field}`}>{text}</a>}</li>
      ))}
    </ul>
  );
}

export function faultAt(faults: readonly Fault[], field: string): string | undefined {
  return faults.find((fault) => fault.field === field)?.text;
}
