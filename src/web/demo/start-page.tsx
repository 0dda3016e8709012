import type { VNode } from 'preact';
import type { View } from '../render-page.ts';
import { roleName } from '../role-name.ts';
import { parseTextKey, type Translate } from '../translate.ts';
import type { DemoStart, StubChartShown } from './demo-types.ts';

/** Where the demo begins: every door by one click. */
export const startPage: View<DemoStart> = (page, t) => ({
  title: t('demo.title'),
  content: (
    <>
      <div class="page-head">
        <h1>{t('demo.title')}</h1>
        <p class="quiet">{t('demo.made-up')}</p>
      </div>
      <h2>{t('demo.pages')}</h2>
      <div class="tiles">
        {visitors
          .filter((login) => page.users.some((user) => user.login === login))
          .map((login) => (
            <Visitor key={login} login={login} t={t} />
          ))}
      </div>
      <h2>{t('demo.apps')}</h2>
      <div class="tiles">
        {page.openers.map((login) => (
          <Opener key={login} login={login} t={t} />
        ))}
        <section class="card">
          <div>
            <h3>{t('demo.ehr')}</h3>
            <p>{t('demo.ehr-text')}</p>
          </div>
          <a class="button primary" href="/demo/ehr">
            {t('demo.ehr-open')}
          </a>
        </section>
      </div>
      {page.charts.length > 0 && (
        <>
          <h2>{t('demo.own-app')}</h2>
          <p class="quiet">{t('demo.own-app-text')}</p>
          <div class="tiles">
            {page.charts.map((chart) => (
              <Chart key={chart.id} chart={chart} t={t} />
            ))}
          </div>
        </>
      )}
      <Users page={page} t={t} />
      <section class="card">
        <h2>{t('demo.api')}</h2>
        <p>{t('demo.api-text')}</p>
        <code class="secret">{page.curl}</code>
      </section>
    </>
  ),
});

/** Who has pages worth looking at. */
const visitors = ['mother', 'clinician', 'clerk'] as const;

/** Signs in as somebody, and opens their pages. */
function Visitor({ login, t }: { readonly login: (typeof visitors)[number]; readonly t: Translate }): VNode {
  return (
    <form class="card" method="post" action="/demo/open">
      <div>
        <h3>{t(`demo.visit-${login}`)}</h3>
        <p>{t(`demo.visit-${login}-text`)}</p>
      </div>
      <input type="hidden" name="user" value={login} />
      <button
        class="button primary"
        type="submit"
        aria-label={t('demo.open-pages-of', { who: t(`demo.visit-${login}`) })}
      >
        {t('demo.open-pages')}
      </button>
    </form>
  );
}

function Opener({ login, t }: { readonly login: string; readonly t: Translate }): VNode {
  const name = parseTextKey(`demo.as-${login}`);
  const text = parseTextKey(`demo.as-${login}-text`);
  return (
    <form class="card" method="post" action="/demo/launch">
      <div>
        <h3>{name ? t(name) : login}</h3>
        {text && <p>{t(text)}</p>}
      </div>
      <button class="button primary" type="submit" name="user" value={login}>
        {t('demo.open-app')}
      </button>
    </form>
  );
}

/** Opens Jenner's own app for somebody whose chart an EHR has. */
function Chart({
  chart: { id, name, shows },
  t,
}: {
  readonly chart: StubChartShown;
  readonly t: Translate;
}): VNode {
  return (
    <form class="card" method="post" action="/demo/own-app">
      <div>
        <h3>{name}</h3>
        <p>{t(`demo.chart-${shows}`)}</p>
      </div>
      <button
        class="button primary"
        type="submit"
        name="patient"
        value={id}
        aria-label={t('demo.own-app-for', { person: name })}
      >
        {t('demo.own-app-open')}
      </button>
    </form>
  );
}

function Users({ page, t }: { readonly page: DemoStart; readonly t: Translate }): VNode {
  return (
    <section class="card">
      <h2>{t('demo.users')}</h2>
      <p>{t('demo.users-text')}</p>
      <div class="as-cards">
        <table role="table">
          <thead>
            <tr role="row">
              {(['demo.role', 'sign-in.login', 'sign-in.password'] as const).map((key) => (
                <th key={key} scope="col" role="columnheader">
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.users.map(({ login, password, role }) => (
              <tr key={login} role="row">
                <th scope="row" role="rowheader">
                  {roleName(t, role)}
                </th>
                <td role="cell">
                  <code>{login}</code>
                </td>
                <td role="cell">
                  {page.changed.includes(login) ? <Restore login={login} t={t} /> : <code>{password}</code>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        <a class="button" href="/app">
          {t('demo.sign-in')}
        </a>
      </p>
    </section>
  );
}

/** What is printed here signs nobody in any more. */
function Restore({ login, t }: { readonly login: string; readonly t: Translate }): VNode {
  return (
    <form method="post" action="/demo/restore">
      {t('demo.changed')}{' '}
      <button
        class="link-button"
        type="submit"
        name="user"
        value={login}
        aria-label={t('demo.restore-this', { login })}
      >
        {t('demo.restore')}
      </button>
    </form>
  );
}
