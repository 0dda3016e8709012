import type { VNode } from 'preact';
import { Problem } from '../../../fhir/problem.ts';
import { Notice } from '../../form-parts.tsx';
import { formatDayOf } from '../../format-date.ts';
import { registryRoles } from '../../navigation.ts';
import { type Fault, Faults } from '../../parts/faults.tsx';
import { nameOfPerson } from '../../person-words.ts';
import type { PageBody } from '../../shell.tsx';
import type { Visit } from '../../site/page-door.ts';
import { type Answer, type Drawing, sitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import type { Translate } from '../../translate.ts';
import { type Asked, decide, longestReason, parseAsked } from './decide.ts';
import { DecisionForm, type Typed } from './decision-form.tsx';
import { loadDone } from './done.ts';
import { DoneNotice } from './done-notice.tsx';
import { JoinedDoses } from './joined-doses.tsx';
import { linesOfDoses, linesOfPeople } from './lines.ts';
import { loadQuestion, nextQuestion, type QuestionData, readQuestion } from './load-question.ts';
import type { Question, Said } from './question.ts';
import { namesWords, statusWords } from './review-words.ts';
import { Scores } from './scores.tsx';
import { SideBySide } from './side-by-side.tsx';
import { ToMind } from './to-mind-notice.tsx';

type Shown = { readonly faults: readonly Fault[]; readonly typed?: Typed; readonly others?: Said };

/** One question of the queue: two records, or two doses, side by side. */
export const reviewPage = sitePage({
  path: '/app/review/:id',
  name: 'review',
  roles: registryRoles,
  parse: ({ params, fields, typed }) => ({
    id: params['id'],
    done: fields.get('done') ?? undefined,
    isUndone: fields.has('undone'),
    reason: typed?.get('reason') ?? undefined,
  }),
  load: async (visit, { id, done, isUndone, reason }, services) => {
    const data = await loadQuestion(visit, id, services);
    const shown = await loadDone(visit.ctx, done);
    const typed = reason === undefined ? undefined : { reason };
    return data && { data: { ...data, isUndone, ...(shown && { done: shown }) }, typed };
  },
  view: ({ data, typed }, drawing) => draw(data, { faults: [], ...(typed && { typed }) }, drawing),
  post: answerQuestion,
});

async function answerQuestion(visit: Visit, services: SiteServices): Promise<Answer> {
  const { ctx, fields, params } = visit;
  const asked = parseAsked(fields);
  const question = await readQuestion(ctx, params['id']);
  if (!question || !asked) return { kind: 'nothing' };
  const typed = { reason: asked.reason };
  if (fields.get('version') !== question.version) return changed(visit, services, { question, asked });
  if (asked.reason.length > longestReason) {
    return again(visit, services, 422, (t) => ({
      typed,
      faults: [{ field: 'reason', text: t('review.reason-too-long', { count: longestReason }) }],
    }));
  }
  try {
    await decide(ctx, services.operations, question, asked);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.status !== 422) throw thrown;
    return again(visit, services, 422, (t) => ({ typed, faults: [{ text: t('review.cannot') }] }));
  }
  if (asked.decision === 'undo') return { kind: 'go', to: `/app/review/${question.id}?undone=1` };
  const next = await nextQuestion(ctx, question);
  const to = next === undefined ? '/app/review' : `/app/review/${next}`;
  return { kind: 'go', to: `${to}?done=${question.id}` };
}

type Late = { readonly question: Question; readonly asked: Asked };

/** Somebody else has answered meanwhile: both answers are told, and nothing is done. */
function changed(visit: Visit, services: SiteServices, { question, asked }: Late): Promise<Answer> {
  const others = question.said.at(-1);
  return again(visit, services, 409, (t) => ({
    typed: { reason: asked.reason },
    faults: [{ text: t('problem.changed') }, { text: bothWords(t, asked, others) }],
  }));
}

function bothWords(t: Translate, { decision }: Asked, others: Said | undefined): string {
  const yours = t(decision === 'undo' ? 'review.undo' : `decision.${decision}`);
  if (!others) return t('review.yours', { yours });
  return t('review.yours-and-theirs', { yours, theirs: saidWords(t, others), who: others.by });
}

function saidWords(t: Translate, { decision }: Said): string {
  switch (decision) {
    case 'same':
    case 'not-same':
    case 'later':
      return t(`decision.${decision}`);
    default:
      return decision;
  }
}

async function again(
  visit: Visit,
  services: SiteServices,
  status: number,
  shown: (t: Translate) => Shown,
): Promise<Answer> {
  const data = await loadQuestion(visit, visit.params['id'], services);
  if (!data) return { kind: 'nothing' };
  return {
    kind: 'page',
    status,
    draw: (drawing) => ({ ...draw(data, shown(drawing.t), drawing), failed: true }),
  };
}

function draw(data: QuestionData, shown: Shown, { t, frame }: Drawing): PageBody {
  const { question, sides, doses, done } = data;
  const title = t(`review.ask-${question.kind}`);
  const heads = [t('review.newer'), t('review.known')] as const;
  const names = namesWords(t, [nameOfPerson(sides[0].patient), nameOfPerson(sides[1].patient)]);
  return {
    title,
    script: 'review',
    skip: { to: 'decision', text: t('review.skip') },
    content: (
      <>
        <Faults faults={shown.faults} t={t} />
        {done && <DoneNotice done={done} csrf={frame.csrf} t={t} />}
        {data.isUndone && <Notice kind="good">{t(`review.undone-${question.kind}`)}</Notice>}
        <div class="page-head">
          <h1>{title}</h1>
          <p>
            <b>{names}</b> <span class="quiet">{statusWords(t, question)}</span>
          </p>
          <p class="screen-only">
            <a href="/app/review">{t('review.back')}</a>
          </p>
        </div>
        <ToMind data={data} t={t} />
        <section class="card">
          <h2>{t(doses ? 'review.two-doses' : 'review.two-records')}</h2>
          <SideBySide
            caption={t(doses ? 'review.two-doses' : 'review.two-records')}
            heads={heads}
            lines={doses ? linesOfDoses(t, doses) : linesOfPeople(t, sides)}
            t={t}
          />
        </section>
        <DecisionForm question={question} typed={shown.typed} faults={shown.faults} frame={frame} t={t} />
        <Scores question={question} sides={sides} t={t} />
        {!doses && <JoinedDoses joined={data.joined} heads={heads} t={t} />}
        <History said={question.said} t={t} />
      </>
    ),
  };
}

/** All that was decided, the newest first. */
function History({ said, t }: { readonly said: readonly Said[]; readonly t: Translate }): VNode | null {
  if (said.length === 0) return null;
  return (
    <section class="card">
      <h2>{t('review.history')}</h2>
      <ul class="lines">
        {[...said].reverse().map((one) => (
          <li key={one.at}>
            <b>{saidWords(t, one)}</b> {t('review.said-by', { who: one.by, date: formatDayOf(t, one.at) })}
            {one.reason !== undefined && <p class="quiet">{one.reason}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
