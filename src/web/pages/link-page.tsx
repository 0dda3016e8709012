import type { VNode } from 'preact';
import type { Frame } from '../../pages/auth-pages.ts';
import { Field } from '../form-parts.tsx';
import type { View } from '../render-page.ts';
import { vaccineLang, vaccineWords } from '../titles/titles.tsx';
import { parseTextKey, type Translate } from '../translate.ts';

/** What vaccines are called, so that a code alone has a name, and each one in the language of the page. */
export type LinkFrame = Frame & {
  readonly vaccines: readonly { readonly cvx: string; readonly name: string }[];
};

/** Where a SMART Health Link is opened in a browser, by the script of the page: the server sees no key. */
export const linkPage: View<LinkFrame> = ({ vaccines }, t) => ({
  title: t('link.title'),
  script: 'link',
  content: (
    <div
      id="link"
      aria-live="polite"
      data-day={dayPattern(t)}
      data-months={monthNames(t).join()}
      data-vaccines={JSON.stringify(vaccines.map((vaccine) => namesOf(t, vaccine)))}
    >
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
            <button class="button primary" type="submit">
              {t('link.open')}
            </button>
          </form>
        </div>
        <Shown t={t} />
      </section>
    </div>
  ),
});

function namesOf(t: Translate, { cvx, name }: LinkFrame['vaccines'][number]) {
  const words = vaccineWords(t, name);
  return words === name || vaccineLang(t, name).lang ? [cvx, name] : [cvx, name, words];
}

/** How the script writes days: it has no texts of its own. */
function dayPattern(t: Translate): string {
  return t('date.day', { day: '{day}', month: '{month}', year: '{year}' });
}

function monthNames(t: Translate): readonly string[] {
  return Array.from({ length: 12 }, (_, nth) => {
    const key = parseTextKey(`month.${nth + 1}`);
    return key ? t(key) : '';
  });
}

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
            <th scope="col">{t('link.by')}</th>
          </tr>
        </thead>
        <tbody />
      </table>
    </div>
  );
}
