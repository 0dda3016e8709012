import type { VNode } from 'preact';
import type { AppsPage, GrantShown } from '../../pages/auth-pages.ts';
import { Notice, PostForm } from '../form-parts.tsx';
import { formatDate } from '../format-date.ts';
import type { View } from '../render-page.ts';
import { wordScope } from '../scope-words.ts';
import type { Translate } from '../translate.ts';

/** What uses a record, and the choice whether clinics and schools see it. */
export const appsPage: View<AppsPage> = (page, t) => {
  const title = t('apps.title', { person: page.person.name });
  return {
    title,
    record: page.person.id,
    content: (
      <>
        {page.notice && <Notice kind="good">{t(`apps.${page.notice}`)}</Notice>}
        <div class="page-head">
          <h1>{title}</h1>
          {page.grants.length > 0 && <p class="quiet">{t('apps.stop-hint')}</p>}
        </div>
        {page.grants.length === 0 ? (
          <section class="card">
            <p>{t('apps.none')}</p>
          </section>
        ) : (
          <div class="tiles">
            {page.grants.map((grant) => (
              <Grant key={grant.id} grant={grant} page={page} t={t} />
            ))}
          </div>
        )}
        <Sharing page={page} t={t} />
      </>
    ),
  };
};

type GrantProps = { readonly grant: GrantShown; readonly page: AppsPage; readonly t: Translate };

function Grant({ grant, page, t }: GrantProps): VNode {
  const { id, app, since, lastUsed, until } = grant;
  return (
    <section class="card">
      <div class="stack">
        <h2>{app}</h2>
        <dl class="facts">
          <dt>{t('apps.since')}</dt>
          <dd>{formatDate(t, since)}</dd>
          <dt>{t('apps.last-used')}</dt>
          <dd>{lastUsed === undefined ? t('apps.never-used') : formatDate(t, lastUsed)}</dd>
          <dt>{t('apps.until')}</dt>
          <dd>{until === undefined ? t('apps.no-end') : formatDate(t, until)}</dd>
        </dl>
        <h3>{t('apps.may')}</h3>
        <ul class="plain-list">
          {wordsOf(grant, page, t).map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      </div>
      <PostForm action={actionOf(page)} csrf={page.csrf}>
        <button class="button" type="submit" name="stop" value={id} aria-label={t('apps.stop-this', { app })}>
          {t('apps.stop')}
        </button>
      </PostForm>
    </section>
  );
}

function wordsOf({ scopes }: GrantShown, { language }: AppsPage, t: Translate): readonly string[] {
  return scopes.map((scope) => {
    const { words, notes } = wordScope(language, t, scope);
    return [words, ...notes].join('. ');
  });
}

function Sharing({ page, t }: { readonly page: AppsPage; readonly t: Translate }): VNode {
  const { objects, person } = page;
  return (
    <section class="card">
      <h2>{t('apps.sharing')}</h2>
      <p>
        {objects ? t('apps.sharing-off') : t('apps.sharing-on', { person: person.name })}{' '}
        {t(objects ? 'apps.sharing-off-effect' : 'apps.sharing-on-effect')}
      </p>
      <PostForm action={actionOf(page)} csrf={page.csrf}>
        <button class="button short" type="submit" name="sharing" value={objects ? 'share' : 'object'}>
          {t(objects ? 'apps.sharing-start' : 'apps.sharing-stop')}
        </button>
      </PostForm>
    </section>
  );
}

function actionOf({ person }: AppsPage): string {
  return `/app/record/${person.id}/apps`;
}
