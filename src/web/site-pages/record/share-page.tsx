import type { VNode } from 'preact';
import type { RecordView } from '../../../registry/forecasting/record-view/record-view.ts';
import { Notice, PostForm } from '../../form-parts.tsx';
import { type Card, issueHealthCards, revokeHealthCards } from '../../health-cards.ts';
import { HealthCardCode } from '../../parts/qr-code.tsx';
import { firstNameOf } from '../../person-words.ts';
import { type Drawing, sitePage } from '../../site/site-page.ts';
import type { Translate } from '../../translate.ts';
import { doseDate } from '../../words.ts';
import { ownPersonIn } from './load-record.ts';

type Shared = {
  readonly view: RecordView;
  /** `no`: nobody has asked for them yet. Undefined: this server makes none. */
  readonly cards: readonly Card[] | 'no' | undefined;
  readonly isStopped: boolean;
};

/** Health cards: what each tells, in words beside its code. A card is made when somebody asks for it, and told of. */
export const sharePage = sitePage({
  path: '/app/record/:id/share',
  name: 'share',
  parse: (visit) => {
    const id = ownPersonIn(visit);
    const { fields } = visit;
    return id && { id, isAsked: fields.has('show'), isStopped: fields.has('stopped') };
  },
  load: async ({ ctx }, { id, isAsked, isStopped }, { recordView, operations }): Promise<Shared> => ({
    view: await recordView(ctx, id),
    cards: isAsked ? await issueHealthCards(ctx, id, operations) : 'no',
    isStopped,
  }),
  view: (shared, drawing) => ({
    title: drawing.t('share.title', { person: firstNameOf(shared.view.patient) }),
    record: shared.view.patient.id ?? '',
    content: <Share shared={shared} {...drawing} />,
  }),
  post: async (visit, { operations }) => {
    const id = ownPersonIn(visit);
    if (id === undefined) return { kind: 'nothing' };
    await revokeHealthCards(visit.ctx, id, operations);
    return { kind: 'go', to: `/app/record/${id}/share?stopped=1` };
  },
});

function Share({ shared, t, frame }: Drawing & { readonly shared: Shared }): VNode {
  const { view, cards, isStopped } = shared;
  const path = `/app/record/${view.patient.id}`;
  return (
    <>
      {isStopped && <Notice kind="good">{t('share.stopped')}</Notice>}
      <h1>{t('share.title', { person: firstNameOf(view.patient) })}</h1>
      <section class="card">
        <h2>{t('share.codes')}</h2>
        <p>{t('share.who')}</p>
        {cards === 'no' ? (
          <p>
            <a class="button primary" href={`${path}/share?show=1`}>
              {t('share.show')}
            </a>
          </p>
        ) : (
          <Codes cards={cards} view={view} t={t} />
        )}
        <ul class="stack">
          <li>
            <a href={`${path}/share/file`} download>
              {t('share.file')}
            </a>
          </li>
          <li>
            <a href={`${path}/print`}>{t('share.print')}</a>
          </li>
        </ul>
      </section>
      <section class="card">
        <h2>{t('share.app')}</h2>
        <p>
          {t('share.app-text')} <a href={`${path}/apps`}>{t('shell.apps')}</a>
        </p>
      </section>
      <section class="card">
        <h2>{t('share.stop')}</h2>
        <p>{t('share.stop-text')}</p>
        <PostForm action={`${path}/share`} csrf={frame.csrf}>
          <button class="button short" type="submit">
            {t('share.stop-button')}
          </button>
        </PostForm>
      </section>
    </>
  );
}

type CodesProps = {
  readonly cards: readonly Card[] | undefined;
  readonly view: RecordView;
  readonly t: Translate;
};

function Codes({ cards, view, t }: CodesProps): VNode {
  if (!cards) return <p>{t('share.not-here')}</p>;
  if (cards.length === 0) return <p>{t('share.none')}</p>;
  return (
    <ul class="codes">
      {cards.map((card, nth) => (
        <li key={card.text} class="qr">
          <HealthCardCode card={card.text} label={t('share.image', { count: card.doses.length })} />
          <div>
            <p>
              <b>{t('share.code', { number: nth + 1, count: cards.length })}</b>
            </p>
            <p class="quiet small">{t('share.tells')}</p>
            <ul class="small plain-list">
              {dosesOf(card, view, t).map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          </div>
        </li>
      ))}
    </ul>
  );
}

function dosesOf({ doses }: Card, { groups }: RecordView, t: Translate): readonly string[] {
  const known = new Map(groups.flatMap((group) => group.doses.map((dose) => [dose.id, dose] as const)));
  return [...new Set(doses)].flatMap((id) => {
    const dose = known.get(id);
    return dose ? [`${dose.vaccine}, ${doseDate(t, dose)}`] : [];
  });
}
