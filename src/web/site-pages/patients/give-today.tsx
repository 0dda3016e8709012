import type { VNode } from 'preact';
import type {
  GroupView,
  NotGivenView,
  SeriesView,
} from '../../../registry/forecasting/record-view/record-view.ts';
import type { StatusCode } from '../../../registry/forecasting/vaccine-status.ts';
import { formatDate } from '../../format-date.ts';
import { StatusChip } from '../../parts/chip.tsx';
import { observationWords, productWords, vaccineLang } from '../../titles/titles.tsx';
import type { Translate } from '../../translate.ts';
import { groupName, notGivenWords, whenWords } from '../../words.ts';
import { type HeldBack, heldBack, isProposed, optionsFor, preselected } from './held-back.ts';
import type { Chart } from './load-chart.ts';

/** What may be given today, what is late first; what nobody is late with is not ticked, nor what must be asked about first. */
const urgency: readonly StatusCode[] = ['overdue', 'due', 'shared-decision', 'can'];

export function giveable({ view }: Chart): readonly GroupView[] {
  return urgency.flatMap((status) =>
    view.groups
      .filter(({ shown }) => shown?.status === status && shown.vaccines.length > 0)
      .sort((one, other) => (one.shown?.since ?? '9').localeCompare(other.shown?.since ?? '9')),
  );
}

type GiveProps = { readonly chart: Chart; readonly t: Translate };

/** A form that is sent by GET: what was chosen stands in the URL of the page that records it, as codes. */
export function GiveToday({ chart, t }: GiveProps): VNode {
  const groups = giveable(chart);
  return (
    <form class="card" method="get" action={`/app/patients/${chart.id}/doses/new`} id="give">
      <div class="head-row">
        <h2>{t('patient.give')}</h2>
        <p class="quiet small">
          {t('patient.order')} {!isAgainst(chart) && t('patient.no-contraindication')}
        </p>
      </div>
      {groups.length === 0 && <p>{t('patient.nothing')}</p>}
      <ul class="give">
        {groups.map(
          (group, nth) =>
            group.shown && (
              <GiveRow key={group.group} of={group} shown={group.shown} nth={nth} chart={chart} t={t} />
            ),
        )}
      </ul>
      <div class="actions closing">
        <button class="button primary" type="submit" id="record">
          {t('patient.record')}
        </button>
        <button class="button" type="submit" name="kind" value="not-given">
          {t('patient.not-given')}
        </button>
      </div>
    </form>
  );
}

/** Whether the schedule, or somebody who wrote it down, says that anything must not be given. */
function isAgainst({ view }: Chart): boolean {
  return (
    view.notGiven.some(({ reason }) => reason === 'MEDPREC') ||
    view.groups.some(
      ({ shown }) => shown?.status === 'do-not-give' || (shown?.contraindicated.length ?? 0) > 0,
    )
  );
}

function WithheldLine({
  of: { reason, date },
  t,
}: {
  readonly of: NotGivenView;
  readonly t: Translate;
}): VNode {
  const [vaccine, why] = [t('record.not-given'), notGivenWords(t, reason)];
  return (
    <p class="small">
      {date === undefined
        ? t('record.not-given-undated', { vaccine, why })
        : t('record.not-given-line', { vaccine, why, date: formatDate(t, date) })}
    </p>
  );
}

type RowProps = GiveProps & {
  readonly of: GroupView;
  readonly shown: SeriesView;
  readonly nth: number;
};

function GiveRow({ of, shown, nth, chart, t }: RowProps): VNode {
  const { group } = of;
  const held = heldBack(chart.view, of);
  const options = optionsFor(chart.view, { group, shown });
  // The vaccine of the plan that covers most with fewest injections, where there is one.
  const planned = chart.plan?.injections.filter(({ groups }) => groups.includes(group)) ?? [];
  const chosen = preselected(
    options,
    planned.map(({ cvx }) => cvx),
  );
  const id = `give-${nth}`;
  const when = whenWords(t, shown);
  const called = t.language === 'en' ? group : groupName(t, group);
  const label = doseLabel(t, called, shown);
  return (
    <li class="give-row">
      <input type="checkbox" id={id} name="give" value={nth} checked={isProposed(of) && !held} />
      <div>
        <label for={id}>{label}</label>
        <div class="give-status">
          <StatusChip of={shown.status} t={t} />{' '}
          {when !== undefined && <span class="quiet small">{when}</span>}
        </div>
        {held && <HeldLine held={held} chart={chart} t={t} />}
        {!chosen && <p class="small">{t('patient.weight-text')}</p>}
        <Why shown={shown} label={label} t={t} />
      </div>
      <select name={`with-${nth}`} aria-label={t('patient.product', { vaccine: called })}>
        {!chosen && <option value="">{t('patient.by-weight')}</option>}
        {options.slice(0, 12).map(({ cvx, name }) => (
          <option key={cvx} value={cvx} selected={cvx === chosen?.cvx} {...vaccineLang(t, name)}>
            {productWords(t, { cvx, name })}
          </option>
        ))}
      </select>
    </li>
  );
}

/** Which dose it is; of what is given each season, of the season. */
function doseLabel(t: Translate, vaccine: string, { doseNumber, season }: SeriesView): string {
  if (doseNumber === undefined) return vaccine;
  return t(season ? 'patient.dose-season' : 'patient.dose', { vaccine, number: doseNumber });
}

function HeldLine({ held, chart, t }: GiveProps & { readonly held: HeldBack }): VNode {
  switch (held.kind) {
    case 'withheld':
      return <WithheldLine of={held.said} t={t} />;
    case 'only-with': {
      const vaccines = t.list(held.groups.map((group) => groupName(t, group)));
      return <p class="small">{t('patient.only-with', { vaccines })}</p>;
    }
    case 'immune-status': {
      const conditions = chart.view.immuneConditions.map((one) => observationWords(t, one)).join(', ');
      return <p class="small">{t('patient.ask-immune', { conditions })}</p>;
    }
    case 'decision':
      return <p class="small">{t('patient.ask-decide')}</p>;
  }
}

function Why({
  shown,
  label,
  t,
}: {
  readonly shown: SeriesView;
  readonly label: string;
  readonly t: Translate;
}): VNode {
  const { dates, series, because, since } = shown;
  // Late with a dose that is not asked for any more: this one came in its place, and has days of its own.
  const isBehind = since !== undefined && (dates?.pastDue ?? '9') >= since;
  const rows: readonly (readonly [string, string | undefined])[] = [
    [t('patient.behind'), isBehind ? t('patient.behind-text', { date: formatDate(t, since) }) : undefined],
    [t('patient.series'), series],
    [t('patient.earliest'), dates && formatDate(t, dates.earliest)],
    [t('patient.recommended'), dates && formatDate(t, dates.recommended)],
    [
      t(isBehind ? 'patient.past-due-alone' : 'patient.past-due'),
      dates?.pastDue && formatDate(t, dates.pastDue),
    ],
    [t('patient.latest'), dates?.latest && formatDate(t, dates.latest)],
    [
      t('patient.because'),
      because.length === 0 ? undefined : because.map((one) => observationWords(t, one)).join('; '),
    ],
  ];
  return (
    <details class="details small">
      <summary>
        {t('patient.why')}
        <span class="out-of-sight">{`: ${label}`}</span>
      </summary>
      <dl class="facts">
        {rows.map(
          ([term, words]) =>
            words !== undefined && [
              <dt key={`${term}-term`}>{term}</dt>,
              <dd key={`${term}-words`}>{words}</dd>,
            ],
        )}
      </dl>
    </details>
  );
}
