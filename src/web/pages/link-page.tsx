import type { VNode } from 'preact';
import type { Frame } from '../../pages/auth-pages.ts';
import { Field } from '../form-parts.tsx';
import type { View } from '../render-page.ts';
import type { Translate } from '../translate.ts';

/** Where a SMART Health Link is opened in a browser, by the script of the page: the server sees no key. */
export const linkPage: View<Frame> = (_page, t) => ({
  title: t('link.title'),
  script: 'link',
  content: (
    <div id="link" aria-live="polite">
      <section class="card">
        <h1>{t('link.title')}</h1>
        <p>{t('link.hint')}</p>
        <noscript>
          <p>{t('link.no-script')}</p>
        </noscript>
        {(['wrong', 'over', 'failed'] as const).map((what) => (
          <p key={what} data-say={what} hidden>
            {t(`link.${what}`)}
          </p>
        ))}
        <p data-say="passcode" hidden>
          {t('link.passcode-wrong')}
        </p>
        <div data-form hidden>
          <form>
            <Field
              name="recipient"
              label={t('link.recipient')}
              hint={t('link.recipient-hint')}
              input={{ required: true, maxLength: 200 }}
            />
            <div data-passcode hidden>
              <Field name="passcode" label={t('link.passcode')} input={{ autocomplete: 'off' }} />
            </div>
            <button class="primary" type="submit">
              {t('link.open')}
            </button>
          </form>
        </div>
        <Shown t={t} />
      </section>
    </div>
  ),
});

function Shown({ t }: { readonly t: Translate }): VNode {
  return (
    <div data-say="shown" hidden>
      <p>
        <strong data-fill="name" />
      </p>
      <p>
        {t('link.born')} <span data-fill="born" />
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('link.date')}</th>
            <th scope="col">{t('link.vaccine')}</th>
            <th scope="col">{t('link.lot')}</th>
          </tr>
        </thead>
        <tbody />
      </table>
    </div>
  );
}
