import type { Frame } from '../../pages/auth-pages.ts';
import type { View } from '../render-page.ts';

export const signedOutPage: View<Frame> = (_page, t) => ({
  title: t('signed-out.title'),
  narrow: true,
  content: (
    <section class="card">
      <h1>{t('signed-out.title')}</h1>
      <p>{t('signed-out.text')}</p>
      <p>
        <a class="button" href="/app">
          {t('signed-out.again')}
        </a>
      </p>
    </section>
  ),
});
