import type { Organization } from 'fhir/r4.js';
import type { VNode } from 'preact';
import type { GroupView, RecordView } from '../../../registry/forecasting/record-view/record-view.ts';
import type { StatusCode } from '../../../registry/forecasting/vaccine-status.ts';
import { outOfUse } from '../../out-of-use.ts';
import { Sign, statusLooks } from '../../parts/sign.tsx';
import { firstNameOf, hasDied, phoneOf } from '../../person-words.ts';
import type { Translate } from '../../translate.ts';
import { uncountedWords } from '../../uncounted.ts';
import { aheadWords, groupCode, groupName, whenWords } from '../../words.ts';
import { nextGroup } from './coming-groups.ts';
import type { OwnRecord } from './load-record.ts';

type CardProps = { readonly own: OwnRecord; readonly t: Translate };

/** The answer first, in words, and whom to call. */
export function AnswerCard({ own, t }: CardProps): VNode {
  const { view } = own;
  const isOver = hasDied(view.patient) || outOfUse(view.patient) !== undefined;
  const needed = isOver ? [] : withStatus(view, ['overdue', 'due']);
  const asked = isOver ? [] : withStatus(view, ['can', 'shared-decision']);
  const undated = isOver ? undefined : uncountedWords(t, view);
  const tone = isOver ? 'none' : toneOf(view, needed);
  return (
    <section class={`card answer screen-only ${tone}`}>
      <div class="beside">
        <div class="stack">
          <Answer view={view} needed={needed} t={t} />
          {needed.length > 0 && <Needs groups={needed} t={t} />}
          {undated !== undefined && <p>{`${undated} ${t('record.uncounted')}`}</p>}
          {asked.length > 0 && (
            <div>
              <h2>{t('record.may-ask')}</h2>
              <Needs groups={asked} t={t} />
            </div>
          )}
        </div>
        <Clinic own={own} isNeeded={needed.length > 0} t={t} />
      </div>
    </section>
  );
}

function withStatus({ groups }: RecordView, statuses: readonly StatusCode[]): readonly GroupView[] {
  return statuses.flatMap((status) => groups.filter(({ shown }) => shown?.status === status));
}

function toneOf({ schedule }: RecordView, needed: readonly GroupView[]): string {
  if (!schedule) return 'none';
  if (needed.length === 0) return 'complete';
  return needed[0]?.shown?.status === 'overdue' ? 'overdue' : 'due';
}

type AnswerProps = {
  readonly view: RecordView;
  readonly needed: readonly GroupView[];
  readonly t: Translate;
};

function Answer({ view, needed, t }: AnswerProps): VNode {
  const { title, text } = answerWords({ view, needed, t });
  return (
    <div>
      <h1>{title}</h1>
      <p class="quiet">{text}</p>
    </div>
  );
}

function answerWords({ view, needed, t }: AnswerProps): { readonly title: string; readonly text: string } {
  const person = firstNameOf(view.patient);
  if (outOfUse(view.patient)) {
    return { title: t('record.out-of-use'), text: t('record.out-of-use-text') };
  }
  if (hasDied(view.patient)) {
    return { title: t('record.died', { person }), text: t('record.died-text', { person }) };
  }
  if (!view.schedule) return { title: t('record.cannot'), text: t('record.cannot-text') };
  if (needed.length === 0) {
    return {
      title: t('record.up-to-date', { person }),
      text: `${t('record.up-to-date-text')} ${nextWords(view, t)}`.trim(),
    };
  }
  const overdue = needed.filter(({ shown }) => shown?.status === 'overdue').length;
  const due = needed.length - overdue;
  const text = [
    ...(overdue > 0 ? [t.count('record.overdue', overdue)] : []),
    ...(due > 0 ? [t.count('record.due', due)] : []),
    t(needed.length > 1 ? 'record.one-visit' : 'record.call-to-book'),
  ].join(' ');
  return { title: t.count('record.needs', needed.length, { person }), text };
}

function nextWords({ groups }: RecordView, t: Translate): string {
  const next = nextGroup(groups);
  const when = next?.shown && aheadWords(t, next.shown);
  if (!next || when === undefined) return '';
  return t('record.next', { vaccine: groupName(t, next.group), when });
}

export function Needs({
  groups,
  t,
}: {
  readonly groups: readonly GroupView[];
  readonly t: Translate;
}): VNode {
  return (
    <ul class="needs">
      {groups.map(({ group, shown }) => {
        const look = statusLooks[shown?.status ?? 'unknown'];
        const when = shown && whenWords(t, shown);
        return (
          <li key={group}>
            <Sign of={look.sign} tone={look.tone} />
            <div>
              <b>{groupName(t, group)}</b>
              <div class="quiet small">
                {[groupCode(group), when ?? t(`status.${shown?.status ?? 'unknown'}`)]
                  .filter(Boolean)
                  .join(' · ')}
              </div>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Clinic({ own, isNeeded, t }: CardProps & { readonly isNeeded: boolean }): VNode {
  const { id, clinic } = own;
  const phone = clinic && phoneOf(clinic);
  const path = `/app/record/${id}`;
  const isCall = isNeeded && phone !== undefined;
  return (
    <aside class="inset" aria-label={t('record.your-clinic')}>
      <h2>{t(isNeeded ? 'record.book' : 'record.your-clinic')}</h2>
      {clinic ? <ClinicName clinic={clinic} /> : <p>{t('record.no-clinic')}</p>}
      {phone !== undefined && (
        <a class={isCall ? 'button primary' : 'button'} href={`tel:${phone.replace(/[^+\d]/g, '')}`}>
          {t('record.call', { phone })}
        </a>
      )}
      <a class={isCall ? 'button' : 'button primary'} href={`${path}/print`}>
        <Sign of="printer" />
        {t('record.print')}
      </a>
      <a class="button" href={`${path}/print/school`}>
        <Sign of="printer" />
        {t('record.print-school')}
      </a>
      <a class="button" href={`${path}/share`}>
        <Sign of="grid" />
        {t('record.show-qr')}
      </a>
    </aside>
  );
}

function ClinicName({ clinic }: { readonly clinic: Organization }): VNode {
  const town = clinic.address?.[0]?.city;
  return (
    <p>
      <b>{clinic.name}</b>
      {town !== undefined && (
        <>
          <br />
          {town}
        </>
      )}
    </p>
  );
}
