import type { ProblemPage } from '../../pages/auth-pages.ts';
import type { View } from '../render-page.ts';

/** What went wrong, that nothing was lost, and what to do. */
export const problemPage: View<ProblemPage> = ({ code, detail, requestId, onward }, t) => ({
  title: t(`problem.${code}`),
  narrow: true,
  content: (
    <section class="card">
      <h1>{t(`problem.${code}`)}</h1>
      <p>{t(`problem.${code}-text`)}</p>
      {detail !== undefined && (
        <p class="quiet small" lang="en">
          {detail}
        </p>
      )}
      {requestId !== undefined && (
        <p class="quiet small">
          {t('problem.request')} <code>{requestId}</code>
        </p>
      )}
      <p class="actions">
        {onward !== undefined && (
          <a class="button primary" href={onward}>
            {t('problem.onward')}
          </a>
        )}
        <a class="button" href="/app">
          {t('problem.back')}
        </a>
      </p>
    </section>
  ),
});
