import type { SignInPage } from '../../pages/auth-pages.ts';
import { FaultSummary, Field, PostForm } from '../form-parts.tsx';
import type { View } from '../render-page.ts';

/** The organization's own sign-in first; the field for a code is always there, so that nothing tells who has one. */
export const signInPage: View<SignInPage> = (page, t) => {
  const { app, failure, onlyAs, providers } = page;
  const isCode = failure === 'code' || failure === 'wrong-code';
  return {
    title: t('sign-in.title'),
    narrow: true,
    failed: failure !== undefined,
    content: (
      <>
        {failure && (
          <FaultSummary text={t(`sign-in.failure.${failure}`)} field={isCode ? 'code' : 'login'} t={t} />
        )}
        <div class="page-head">
          <h1>{t('sign-in.title')}</h1>
          {app && <p class="quiet">{t('sign-in.for-app', { app: app.name, host: app.host })}</p>}
          {onlyAs !== undefined && <p>{t('sign-in.only-as', { login: onlyAs })}</p>}
        </div>
        {providers.length > 0 && (
          <section class="card">
            <h2>{t('sign-in.providers')}</h2>
            {providers.map(({ name, href }) => (
              <a key={href} class="button primary" href={href}>
                {t('sign-in.provider', { name })}
              </a>
            ))}
          </section>
        )}
        <section class="card">
          {providers.length > 0 && <h2>{t('sign-in.or')}</h2>}
          <PostForm action="/auth/sign-in" csrf={page.csrf} hidden={page.hidden}>
            <Field
              name="login"
              label={t('sign-in.login')}
              input={{
                value: page.login ?? '',
                autocomplete: 'username',
                autocapitalize: 'none',
                spellcheck: false,
                required: true,
              }}
            />
            <Field
              name="password"
              label={t('sign-in.password')}
              input={{ type: 'password', autocomplete: 'current-password', required: true }}
            />
            <Field
              name="code"
              label={t('sign-in.code')}
              hint={t('sign-in.code-hint')}
              fault={isCode ? t(`sign-in.failure.${failure}`) : undefined}
              input={{ autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: false }}
            />
            <button class="button primary" type="submit">
              {t('sign-in.button')}
            </button>
          </PostForm>
        </section>
      </>
    ),
  };
};
