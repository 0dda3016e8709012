import type { VNode } from 'preact';
import { VaccineName } from '../../titles/titles.tsx';
import type { Translate } from '../../translate.ts';
import type { JoinedDose } from './load-question.ts';
import { dayOfDose, sourceWords } from './review-words.ts';

type JoinedProps = {
  readonly joined: readonly JoinedDose[];
  readonly heads: readonly [string, string];
  readonly t: Translate;
};

/** The doses of both as they would stand were they one person. */
export function JoinedDoses({ joined, heads, t }: JoinedProps): VNode {
  const counting = joined.filter(({ becomes }) => becomes !== 'told-twice').length;
  return (
    <section class="card">
      <h2>{t('review.joined')}</h2>
      <p>{t.count('review.joined-text', counting)}</p>
      {joined.length > 0 && (
        <div class="as-cards">
          <table role="table">
            <caption class="out-of-sight">{t('review.joined')}</caption>
            <thead>
              <tr role="row">
                {(
                  [
                    'field.date',
                    'grid.vaccine',
                    'field.source',
                    'review.of-record',
                    'review.becomes',
                  ] as const
                ).map((key) => (
                  <th key={key} scope="col" role="columnheader">
                    {t(key)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {joined.map(({ dose, vaccine, side, becomes }) => (
                <tr key={dose.id} role="row">
                  <th scope="row" role="rowheader">
                    {dayOfDose(t, dose)}
                  </th>
                  <td role="cell">
                    <VaccineName name={vaccine} t={t} />
                  </td>
                  <td role="cell">{sourceWords(t, dose)}</td>
                  <td role="cell">{heads[side]}</td>
                  <td role="cell">{t(`review.becomes-${becomes}`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
