import type { VNode } from 'preact';
import type { RecordView } from '../../../registry/forecasting/record-view/record-view.ts';
import type { ResourceId } from '../../../values/resource-id.ts';
import { Notice, PostForm } from '../../form-parts.tsx';
import { type Card, issueHealthCards, revokeHealthCards } from '../../health-cards.ts';
import { type GivenLink, readHealthLinks } from '../../health-links.ts';
import { type Fault, Faults } from '../../parts/faults.tsx';
import { HealthCardCode } from '../../parts/qr-code.tsx';
import { firstNameOf } from '../../person-words.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Answer, Drawing, SitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { vaccineWords } from '../../titles/titles.tsx';
import type { Translate } from '../../translate.ts';
import { doseDate } from '../../words.ts';
import { ownPersonIn } from './load-record.ts';
import {
  endLink,
  type LinkFault,
  type LinkForm,
  type MadeLink,
  madeLinkIn,
  makeLink,
  newLinkForm,
  readLinkForm,
  ShareLinks,
} from './share-links.tsx';

type Shared = {
  /** As the visitor knows the person. */
  readonly id: ResourceId;
  readonly view: RecordView;
  /** `no`: nobody has asked for them yet. Undefined: this server makes none. */
  readonly cards: readonly Card[] | 'no' | undefined;
  /** Undefined: this server makes none. */
  readonly links: readonly GivenLink[] | undefined;
  readonly done: 'share.stopped' | 'links.ended' | undefined;
  readonly form: LinkForm;
  readonly made: MadeLink | undefined;
  readonly faults: readonly LinkFault[];
};

/**
 * Health cards: what each tells, in words beside its code; a card is made when somebody asks for it, and told of. And links to
 * the record.
 */
export const sharePage: SitePage = {
  path: '/app/record/:id/share',
  name: 'share',
  get: async (visit, services) => {
    const form = readLinkForm(visit.typed ?? visit.fields);
    return show(visit, services, { form: { ...form, once: await newLinkForm(visit.notes) }, faults: [] });
  },
  post: async (visit, services) => {
    const id = ownPersonIn(visit);
    if (id === undefined) return { kind: 'nothing' };
    const { fields } = visit;
    if (fields.has('make')) {
      const form = readLinkForm(fields);
      const told = await makeLink(visit, id, form, services);
      if ('to' in told) return { kind: 'go', to: told.to };
      const once = told.isSent ? await newLinkForm(visit.notes) : form.once;
      return show(visit, services, { form: { ...form, once }, faults: told.faults });
    }
    if (fields.has('end')) {
      await endLink(visit, id, services);
      return { kind: 'go', to: `/app/record/${id}/share?ended=1` };
    }
    await revokeHealthCards(visit.ctx, id, services.operations);
    return { kind: 'go', to: `/app/record/${id}/share?stopped=1` };
  },
};

async function show(
  visit: Visit,
  services: SiteServices,
  about: Pick<Shared, 'form' | 'faults'>,
): Promise<Answer> {
  const id = ownPersonIn(visit);
  if (id === undefined) return { kind: 'nothing' };
  const { ctx, fields } = visit;
  const { recordView, operations } = services;
  const shared: Shared = {
    id,
    view: await recordView(ctx, id),
    cards: fields.has('show') ? await issueHealthCards(ctx, id, operations) : 'no',
    links: await readHealthLinks(ctx, id, operations),
    made: await madeLinkIn(visit.notes, fields.get('made') ?? '', id),
    done: fields.has('stopped') ? 'share.stopped' : fields.has('ended') ? 'links.ended' : undefined,
    ...about,
  };
  return {
    kind: 'page',
    status: about.faults.length > 0 ? 422 : 200,
    draw: (drawing) => ({
      title: drawing.t('share.title', { person: firstNameOf(shared.view.patient) }),
      record: id,
      failed: about.faults.length > 0,
      content: <Share shared={shared} {...drawing} />,
    }),
  };
}

function Share({ shared, t, frame }: Drawing & { readonly shared: Shared }): VNode {
  const { id, view, cards, links, done } = shared;
  const faults: readonly Fault[] = shared.faults.map(({ field, key, values }) => ({
    ...(field && { field }),
    text: t(key, values),
  }));
  const path = `/app/record/${id}`;
  return (
    <>
      <Faults faults={faults} t={t} />
      {done && <Notice kind="good">{t(done)}</Notice>}
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
      {links && (
        <ShareLinks
          action={`${path}/share`}
          csrf={frame.csrf}
          links={links}
          form={shared.form}
          made={shared.made}
          faults={faults}
          t={t}
        />
      )}
      <section class="card">
        <h2>{t('share.app')}</h2>
        <p>
          {t('share.app-text')} <a href={`${path}/apps`}>{t('shell.apps')}</a>
        </p>
      </section>
      <section class="card">
        <h2>{t('share.stop')}</h2>
        <p>{t('share.stop-text')}</p>
        <details>
          <summary>{t('share.stop-ask')}</summary>
          <PostForm action={`${path}/share`} csrf={frame.csrf}>
            <button class="button short" type="submit">
              {t('share.stop-button')}
            </button>
          </PostForm>
        </details>
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
    return dose ? [`${vaccineWords(t, dose.vaccine)}, ${doseDate(t, dose)}`] : [];
  });
}
