import type { OwnAppsPage } from '../../pages/auth-pages.ts';
import { Notice } from '../form-parts.tsx';
import { GrantCard } from '../grant-card.tsx';
import type { View } from '../render-page.ts';

/** What somebody let work for them. */
export const ownAppsPage: View<OwnAppsPage> = ({ grants, notice, language, csrf }, t) => ({
  title: t('apps.own-title'),
  content: (
    <>
      {notice && <Notice kind="good">{t('apps.own-stopped')}</Notice>}
      <div class="page-head">
        <h1>{t('apps.own-title')}</h1>
        {grants.length > 0 && <p class="quiet">{t('apps.own-hint')}</p>}
      </div>
      {grants.length === 0 ? (
        <section class="card">
          <p>{t('apps.own-none')}</p>
        </section>
      ) : (
        <div class="tiles">
          {grants.map((grant) => (
            <GrantCard
              key={grant.id}
              grant={grant}
              language={language}
              csrf={csrf}
              action="/app/apps"
              t={t}
            />
          ))}
        </div>
      )}
    </>
  ),
});
