import type { VNode } from 'preact';
import type { AppShown, PersonShown } from '../pages/auth-pages.ts';
import { formatDate } from './format-date.ts';
import { Icon } from './icon.tsx';
import type { Translate } from './translate.ts';

/** Whether anybody has looked at who runs the app. */
export function Verified({ app, t }: { readonly app: AppShown; readonly t: Translate }): VNode {
  return (
    <span class={app.verified ? 'chip good' : 'chip warn'}>
      <Icon of={app.verified ? 'check' : 'question'} />
      {t(app.verified ? 'app.verified' : 'app.not-verified')}
    </span>
  );
}

/** Empty when the date is not known. */
export function bornOn(t: Translate, { birthDate }: PersonShown): string {
  return birthDate === undefined ? '' : t('person.born', { date: formatDate(t, birthDate) });
}
