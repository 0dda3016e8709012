import type { VNode } from 'preact';
import type { Translate } from '../../translate.ts';
import { addressWords } from './lines.ts';
import type { Side } from './load-question.ts';
import type { Question } from './question.ts';
import { fieldWords, levelWords, percentOf, ruleWords } from './review-words.ts';
import { otherHomes } from './to-mind.ts';

type ScoresProps = {
  readonly question: Question;
  readonly sides: readonly [Side, Side];
  readonly t: Translate;
};

/** The points of each field. They are of the records as they were when it was asked. */
export function Scores({ question, sides, t }: ScoresProps): VNode | null {
  const percent = percentOf(question);
  if (percent === undefined) return null;
  return (
    <section class="card">
      <h2>{t('review.scores')}</h2>
      <p>
        {t('review.score-is', { percent })}
        {question.rule !== undefined && ` ${t('review.rule', { rule: ruleWords(t, question.rule) })}`}
      </p>
      <div class="as-cards">
        <table role="table">
          <caption class="out-of-sight">{t('review.scores')}</caption>
          <thead>
            <tr role="row">
              {(['review.field', 'review.level', 'review.points'] as const).map((key) => (
                <th key={key} scope="col" role="columnheader">
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {question.fields.map(({ field, level, points }) => (
              <tr key={field} role="row">
                <th scope="row" role="rowheader">
                  {fieldWords(t, field)}
                </th>
                <td role="cell">
                  {levelWords(t, level)}
                  {field === 'address' && <OtherHomes question={question} sides={sides} t={t} />}
                </td>
                <td role="cell">{points > 0 ? `+${points}` : String(points)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** One home in common gives its points; that one of the two has another as well is said beside them. */
function OtherHomes({ question, sides, t }: ScoresProps): VNode {
  const homes = otherHomes(question, [sides[0].patient, sides[1].patient]);
  const told = homes.flatMap((places, nth) =>
    places.flatMap((at) => {
      const address = sides[nth]?.patient.address?.[at];
      return address
        ? ({ side: nth === 0 ? 'newer' : 'known', address: addressWords(address) } as const)
        : [];
    }),
  );
  return (
    <>
      {told.map(({ side, address }) => (
        <div key={`${side}${address}`} class="quiet small">
          {t(`review.other-home-${side}`, { address })}
        </div>
      ))}
    </>
  );
}
