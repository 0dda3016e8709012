import type { VNode } from 'preact';
import { Notice } from '../../form-parts.tsx';
import type { Translate } from '../../translate.ts';
import type { QuestionData } from './load-question.ts';
import { twinSignsIn } from './to-mind.ts';

/** What whoever decides should know before anything else. */
export function ToMind({ data, t }: { readonly data: QuestionData; readonly t: Translate }): VNode {
  const { question, sides, also } = data;
  const twins = question.kind === 'people' ? twinSignsIn(question) : undefined;
  const isMerged = sides.some(({ askedOf }) => askedOf !== undefined);
  return (
    <>
      {twins && (
        <Notice kind="plain">
          <p>
            <b>{t('review.twins')}</b> {twins.namesDiffer && `${t('review.twins-names')} `}
            {twins.isMultiple && `${t('review.twins-multiple')} `}
            {t('review.twins-text')}
          </p>
        </Notice>
      )}
      {isMerged && (
        <Notice kind="plain">
          <p>{t('review.merged')}</p>
        </Notice>
      )}
      {also > 0 && (
        <Notice kind="plain">
          <p>{t.count('review.also', also)}</p>
        </Notice>
      )}
    </>
  );
}
