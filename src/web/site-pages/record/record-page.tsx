import type { VNode } from 'preact';
import type {
  GroupView,
  NotGivenView,
  RecordView,
} from '../../../registry/forecasting/record-view/record-view.ts';
import type { StatusCode } from '../../../registry/forecasting/vaccine-status.ts';
import { formatDate } from '../../format-date.ts';
import { HistoryGrid } from '../../parts/history-grid.tsx';
import { PrintFoot, PrintHead } from '../../parts/print-parts.tsx';
import { Sign, statusLooks } from '../../parts/sign.tsx';
import { firstNameOf } from '../../person-words.ts';
import { type Drawing, sitePage } from '../../site/site-page.ts';
import type { Translate } from '../../translate.ts';
import { ageWords, aheadWords, groupCode, groupName, notGivenWords } from '../../words.ts';
import { AnswerCard } from './answer-card.tsx';
import { comingGroups } from './coming-groups.ts';
import { loadOwnRecord, type OwnRecord, ownPersonIn } from './load-record.ts';
import { sourceWords } from './source-words.ts';

/** The record of a person for the person: the answer in words, what was given, what comes, where it is from. */
export const recordPage = sitePage({
  path: '/app/record/:id',
  name: 'record',
  parse: ownPersonIn,
  load: loadOwnRecord,
  view: (own, drawing) => ({
    title: drawing.t('record.title', { person: firstNameOf(own.view.patient) }),
    record: own.id,
    content: <Record own={own} {...drawing} />,
  }),
});

type OwnProps = Drawing & { readonly own: OwnRecord };

function Record({ own, t, frame }: OwnProps): VNode {
  const { view, issuer } = own;
  const { patient, day } = view;
  const given = groupsGiven(view);
  return (
    <>
      <PrintHead title={t('record.official')} issuer={issuer} patient={patient} day={day} t={t} />
      {own.family.length > 1 && <Family own={own} t={t} frame={frame} />}
      <AnswerCard own={own} t={t} />
      <section class="card">
        <div class="head-row">
          <h2>{t('record.so-far')}</h2>
          <a class="screen-only" href={`/app/record/${own.id}/report`}>
            {t('record.missing')}
          </a>
        </div>
        {!hasDoses(view) && (
          <div class="screen-only">
            <h3>{t('record.none')}</h3>
            <p>{t('record.none-text')}</p>
          </div>
        )}
        {given.length > 0 && <HistoryGrid groups={given} t={t} />}
        <NotGiven of={view.notGiven} t={t} />
      </section>
      <Coming groups={view.groups} t={t} />
      <Source view={view} t={t} />
      <PrintFoot t={t} />
    </>
  );
}

export function hasDoses({ groups }: RecordView): boolean {
  return groups.some(({ doses }) => doses.length > 0);
}

/** Statuses that are told of a group of which nothing was given. */
const toldAlone: ReadonlySet<StatusCode> = new Set(['overdue', 'due', 'can', 'do-not-give', 'immune']);

function groupsGiven({ groups }: RecordView): readonly GroupView[] {
  return groups.filter(({ doses, shown }) => doses.length > 0 || (shown && toldAlone.has(shown.status)));
}

function Family({ own, t }: OwnProps): VNode {
  return (
    <nav class="pills" aria-label={t('record.family')}>
      {own.family.map(({ id, name, birthDate }) => {
        const age = ageWords(t, birthDate, own.view.day);
        return (
          <a key={id} href={`/app/record/${id}`} aria-current={id === own.id ? 'page' : undefined}>
            {age === undefined ? name : t('record.family-member', { person: name, age })}
          </a>
        );
      })}
    </nav>
  );
}

export function NotGiven({
  of,
  t,
}: {
  readonly of: readonly NotGivenView[];
  readonly t: Translate;
}): VNode | null {
  if (of.length === 0) return null;
  return (
    <div>
      <h3>{t('record.not-given')}</h3>
      <ul>
        {of.map(({ id, groups, date, reason }) => {
          const vaccine = t.list(groups.map((group) => groupName(t, group)));
          const why = notGivenWords(t, reason);
          return (
            <li key={id}>
              {date === undefined
                ? t('record.not-given-undated', { vaccine, why })
                : t('record.not-given-line', { vaccine, why, date: formatDate(t, date) })}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Coming({
  groups,
  t,
}: {
  readonly groups: readonly GroupView[];
  readonly t: Translate;
}): VNode | null {
  const coming = comingGroups(groups);
  if (coming.length === 0) return null;
  return (
    <section class="card screen-only">
      <h2>{t('record.coming')}</h2>
      <ul class="needs">
        {coming.map(({ group, shown }) => (
          <li key={group}>
            <Sign of={statusLooks.later.sign} tone="later" />
            <div>
              <b>{groupName(t, group)}</b>
              <div class="quiet small">
                {[groupCode(group), shown && aheadWords(t, shown)].filter(Boolean).join(' · ')}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Source({ view, t }: { readonly view: RecordView; readonly t: Translate }): VNode {
  return (
    <section class="card">
      <h2>{t('record.source')}</h2>
      <p class="quiet">{sourceWords(view, t)}</p>
    </section>
  );
}
