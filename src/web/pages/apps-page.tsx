import type { VNode } from 'preact';
import type { AppsPage } from '../../pages/auth-pages.ts';
import { Notice, PostForm } from '../form-parts.tsx';
import { GrantCard } from '../grant-card.tsx';
import type { View } from '../render-page.ts';
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
              <GrantCard
                key={grant.id}
                grant={grant}
                language={page.language}
                csrf={page.csrf}
                action={actionOf(page)}
                t={t}
              />
            ))}
          </div>
        )}
        <Sharing page={page} t={t} />
      </>
    ),
  };
};

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
