import type { VNode } from 'preact';
import type { Frame } from '../../../pages/auth-pages.ts';
import { Field, PostForm } from '../../form-parts.tsx';
import { type Fault, faultAt } from '../../parts/faults.tsx';
import type { Translate } from '../../translate.ts';
import { undoing } from './decide.ts';
import type { Question } from './question.ts';

export type Typed = { readonly reason: string };

type FormProps = {
  readonly question: Question;
  readonly typed: Typed | undefined;
  readonly faults: readonly Fault[];
  readonly frame: Frame;
  readonly t: Translate;
};

/** Three answers, each a button; the script of the page lets keys press them (`data-key`). */
export function DecisionForm({ question, typed, faults, frame, t }: FormProps): VNode {
  const { id, version, kind, status } = question;
  const here = `/app/review/${id}`;
  if (status === 'cancelled') {
    return (
      <section class="card" id="decision">
        <h2>{t('review.closed')}</h2>
        <p>{t('review.closed-text')}</p>
      </section>
    );
  }
  const fault = faultAt(faults, 'reason');
  return (
    <section class="card" id="decision">
      <h2>{t('review.decide')}</h2>
      <p>{t(`review.what-${kind}`)}</p>
      <PostForm action={here} csrf={frame.csrf} hidden={{ version }}>
        <div class="actions">
          <Answer value="same" letter="s" isPrimary words={t('decision.same')} />
          <Answer value="not-same" letter="n" words={t('decision.not-same')} />
          <Answer value="later" letter="l" words={t('decision.later')} />
        </div>
        <Field
          name="reason"
          label={t('review.reason')}
          hint={t('review.reason-hint')}
          fault={fault}
          input={{ value: typed?.reason ?? '', autocomplete: 'off' }}
        />
        <p class="choice keys" hidden>
          <input type="checkbox" id="keys" checked />
          <label for="keys">{t('review.keys')}</label>
        </p>
      </PostForm>
      {undoing(question).length > 0 && (
        <PostForm action={here} csrf={frame.csrf} hidden={{ version, decision: 'undo' }}>
          <button class="button short" type="submit">
            {t('review.undo')}
          </button>
        </PostForm>
      )}
    </section>
  );
}

type AnswerProps = {
  readonly value: string;
  readonly letter: string;
  readonly words: string;
  readonly isPrimary?: boolean;
};

function Answer({ value, letter, words, isPrimary = false }: AnswerProps): VNode {
  return (
    <button
      class={isPrimary ? 'button primary' : 'button'}
      type="submit"
      name="decision"
      value={value}
      data-key={letter}
    >
      {words}
    </button>
  );
}
