import type { VNode } from 'preact';
import type { GrantShown, Language } from '../pages/auth-pages.ts';
import { PostForm } from './form-parts.tsx';
import { formatDayOf } from './format-date.ts';
import { wordScope } from './scope-words.ts';
import type { Translate } from './translate.ts';

type GrantCardProps = {
  readonly grant: GrantShown;
  readonly language: Language;
  readonly csrf: string;
  /** Where it is posted that it stops. */
  readonly action: string;
  readonly t: Translate;
};

/** What an app may do and since when, and how to stop it at once. */
export function GrantCard({ grant, language, csrf, action, t }: GrantCardProps): VNode {
  const { id, app, since, lastUsed, until } = grant;
  return (
    <section class="card">
      <div class="stack">
        <h2>{app}</h2>
        <dl class="facts">
          <dt>{t('apps.since')}</dt>
          <dd>{formatDayOf(t, since)}</dd>
          <dt>{t('apps.last-used')}</dt>
          <dd>{lastUsed === undefined ? t('apps.never-used') : formatDayOf(t, lastUsed)}</dd>
          <dt>{t('apps.until')}</dt>
          <dd>{until === undefined ? t('apps.no-end') : formatDayOf(t, until)}</dd>
        </dl>
        <h3>{t('apps.may')}</h3>
        <ul class="plain-list">
          {wordsOf(grant, language, t).map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      </div>
      <PostForm action={action} csrf={csrf}>
        <button class="button" type="submit" name="stop" value={id} aria-label={t('apps.stop-this', { app })}>
          {t('apps.stop')}
        </button>
      </PostForm>
    </section>
  );
}

function wordsOf({ scopes }: GrantShown, language: Language, t: Translate): readonly string[] {
  return scopes.map((scope) => {
    const { words, notes } = wordScope(language, t, scope);
    return [words, ...notes].join('. ');
  });
}
