import type { VNode } from 'preact';
import type { AccountPage } from '../../pages/auth-pages.ts';
import { FaultSummary, Field, Notice, PostForm } from '../form-parts.tsx';
import { LinkCode } from '../parts/qr-code.tsx';
import type { View } from '../render-page.ts';
import type { Translate } from '../translate.ts';

/** One's own password and second factor. Every button is named `change`; its value says what is asked for. */
export const accountPage: View<AccountPage> = (page, t) => {
  const { failure, done, recovery } = page;
  return {
    title: t('account.title'),
    narrow: true,
    failed: failure !== undefined,
    content: (
      <>
        {failure && <FaultSummary text={t(`account.failure.${failure}`)} field={faultyField(page)} t={t} />}
        {done && <Notice kind="good">{t(`account.done.${done}`)}</Notice>}
        <h1>{t('account.title')}</h1>
        {recovery && <Recovery codes={recovery} t={t} />}
        <Password page={page} t={t} />
        <Code page={page} t={t} />
      </>
    ),
  };
};

type PartProps = { readonly page: AccountPage; readonly t: Translate };

const action = '/app/account';

function faultyField({ failure, setup }: AccountPage): string {
  if (failure === 'wrong' || failure === 'wait') return 'current';
  if (failure === 'differs') return 'again';
  return failure === 'code' && setup ? 'code' : 'password';
}

function Recovery({ codes, t }: { readonly codes: readonly string[]; readonly t: Translate }): VNode {
  return (
    <section class="card">
      <h2>{t('account.recovery')}</h2>
      <p>{t('account.recovery-hint')}</p>
      <ul class="secrets">
        {codes.map((code) => (
          <li key={code} class="secret">
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Password({ page, t }: PartProps): VNode {
  const newPassword = { type: 'password', autocomplete: 'new-password', required: true } as const;
  return (
    <section class="card">
      <h2>{t('account.password')}</h2>
      <PostForm action={action} csrf={page.csrf}>
        <Field
          name="login"
          label={t('sign-in.login')}
          input={{ value: page.login, autocomplete: 'username', readonly: true }}
        />
        <Field
          name="current"
          label={t('account.password-current')}
          input={{ type: 'password', autocomplete: 'current-password', required: true }}
        />
        <Field
          name="password"
          label={t('account.password-new')}
          hint={t('account.password-hint')}
          input={newPassword}
        />
        <Field name="again" label={t('account.password-again')} input={newPassword} />
        <button class="button primary" type="submit" name="change" value="password">
          {t('account.password-button')}
        </button>
      </PostForm>
    </section>
  );
}

function Code({ page, t }: PartProps): VNode {
  return (
    <section class="card">
      <h2>{t('account.code')}</h2>
      {page.setup ? (
        <SetUp setup={page.setup} page={page} t={t} />
      ) : (
        <>
          <p>{t(page.hasCode ? 'account.code-on-now' : 'account.code-off-now')}</p>
          <PostForm action={action} csrf={page.csrf}>
            <button
              class="button"
              type="submit"
              name="change"
              value={page.hasCode ? 'code-off' : 'code-start'}
            >
              {t(page.hasCode ? 'account.code-stop' : 'account.code-start')}
            </button>
          </PostForm>
        </>
      )}
    </section>
  );
}

function SetUp({ setup, page, t }: PartProps & { readonly setup: NonNullable<AccountPage['setup']> }): VNode {
  return (
    <>
      <p>{t('account.setup-1')}</p>
      <LinkCode link={setup.uri} label={t('account.setup-picture')} />
      <p>{t('account.setup-or')}</p>
      <dl class="stack">
        <dt class="out-of-sight">{t('account.setup-key')}</dt>
        <dd class="secret">
          <code>{setup.secret}</code>
        </dd>
      </dl>
      <p>
        <a href={setup.uri}>{t('account.setup-open')}</a>
      </p>
      <p>{t('account.setup-2')}</p>
      <PostForm action={action} csrf={page.csrf}>
        <Field
          name="code"
          label={t('account.setup-code')}
          input={{ autocomplete: 'one-time-code', inputmode: 'numeric', required: true }}
        />
        <button class="button primary" type="submit" name="change" value="code-on">
          {t('account.setup-button')}
        </button>
      </PostForm>
    </>
  );
}
