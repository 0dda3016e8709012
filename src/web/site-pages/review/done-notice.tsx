import type { VNode } from 'preact';
import { Notice, PostForm } from '../../form-parts.tsx';
import type { Translate } from '../../translate.ts';
import { undoing } from './decide.ts';
import type { Done } from './load-question.ts';
import { namesWords } from './review-words.ts';

type DoneProps = { readonly done: Done; readonly csrf: string; readonly t: Translate };

/** What was decided, with the way back beside it. */
export function DoneNotice({ done: { question, names }, csrf, t }: DoneProps): VNode {
  const { id, version, decision = 'later', kind } = question;
  const who = names === undefined ? '' : namesWords(t, names);
  const here = `/app/review/${id}`;
  return (
    <Notice kind="good">
      <p>
        <b>{t(`review.done-${kind}-${decision}`)}</b> <a href={here}>{who === '' ? t('review.look') : who}</a>
      </p>
      {undoing(question).length > 0 && (
        <PostForm action={here} csrf={csrf} hidden={{ version, decision: 'undo' }}>
          <button class="button short" type="submit">
            {t('review.undo')}
          </button>
        </PostForm>
      )}
    </Notice>
  );
}
