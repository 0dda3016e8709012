import type { VNode } from 'preact';
import type { DoseView, GroupView } from '../../registry/forecasting/record-view/record-view.ts';
import type { StatusCode } from '../../registry/forecasting/vaccine-status.ts';
import { VaccineName } from '../titles/titles.tsx';
import type { Translate } from '../translate.ts';
import { doseDate, groupCode, groupName, markWords, possibleWords, whenWords } from '../words.ts';
import { StatusChip } from './chip.tsx';
import { markLooks, Sign, statusLooks } from './sign.tsx';

/** So many doses have a column; of more the last ones are shown. */
const columns = 5;

type GridProps = {
  readonly groups: readonly GroupView[];
  readonly t: Translate;
  /** Clinicians see product, lot and source of each dose, and a link to it. */
  readonly forStaff?: boolean;
  /** The official record tells what was given, and no advice. */
  readonly isRecord?: boolean;
};

/** What was given and what counts, a row a vaccine group; under 640 px a card a group. */
export function HistoryGrid({ groups, t, forStaff = false, isRecord = false }: GridProps): VNode {
  return (
    <>
      <div class="as-cards">
        <table role="table" class={isRecord ? 'history' : 'history advice'}>
          <caption class="out-of-sight">{t('grid.caption')}</caption>
          <thead>
            <tr role="row">
              <th scope="col" role="columnheader">
                {t('grid.vaccine')}
              </th>
              {Array.from({ length: columns }, (_, nth) => (
                <th key={`dose-${nth}`} scope="col" role="columnheader">
                  {t('grid.dose', { number: nth + 1 })}
                </th>
              ))}
              {!isRecord && (
                <th scope="col" role="columnheader">
                  {t('grid.status')}
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <GroupRow key={group.group} view={group} t={t} forStaff={forStaff} isRecord={isRecord} />
            ))}
          </tbody>
        </table>
      </div>
      <Legend t={t} isRecord={isRecord} />
    </>
  );
}

type RowProps = {
  readonly view: GroupView;
  readonly t: Translate;
  readonly forStaff: boolean;
  readonly isRecord: boolean;
};

/** Statuses of which a dose is asked for next. */
const asking: ReadonlySet<StatusCode> = new Set(['overdue', 'due']);

function GroupRow({ view, t, forStaff, isRecord }: RowProps): VNode {
  const { doses, shown, group } = view;
  const needsNext = !isRecord && shown !== undefined && asking.has(shown.status);
  const most = needsNext ? columns - 1 : columns;
  const last = doses.length > columns ? doses.slice(-most) : doses;
  const earlier = doses.length - last.length;
  const slots = Math.max(columns - last.length - (needsNext ? 1 : 0), 0);
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        {groupName(t, group)}
        <div class="quiet caption">
          {[groupCode(group), earlier > 0 ? t.count('grid.earlier', earlier) : undefined]
            .filter(Boolean)
            .join(', ')}
        </div>
      </th>
      {last.map((dose) => (
        <td key={dose.reference} role="cell">
          <Dose dose={dose} t={t} forStaff={forStaff} />
        </td>
      ))}
      {needsNext && shown && (
        <td role="cell" class="next">
          <span class={statusLooks[shown.status].tone}>
            <Sign of="next" />
            <span class="out-of-sight">{t('grid.needed-next')}</span>
          </span>
        </td>
      )}
      {Array.from({ length: slots }, (_, nth) => (
        <td key={`empty-${nth}`} role="cell" class="empty" />
      ))}
      {!isRecord && (
        <td role="cell" class="status">
          <Status view={view} t={t} forStaff={forStaff} />
        </td>
      )}
    </tr>
  );
}

/** The word comes before the date for who is read to; "counts" is said by the legend alone. */
function Dose({ dose, t, forStaff }: Pick<RowProps, 't' | 'forStaff'> & { readonly dose: DoseView }): VNode {
  const { sign, tone } = markLooks[dose.mark];
  const words = markWords(t, dose);
  const date = doseDate(t, dose);
  return (
    <div class={`dose ${tone}`}>
      <Sign of={sign} />
      <div>
        <span class="out-of-sight">{t(`mark.${dose.mark}`)} </span>
        <span class="date">{forStaff ? <a href={`/app/doses/${dose.id}`}>{date}</a> : date}</span>
        {words !== undefined && <div class="caption reason">{words}</div>}
        {forStaff && <DoseDetails dose={dose} t={t} />}
      </div>
    </div>
  );
}

function DoseDetails({ dose, t }: { readonly dose: DoseView; readonly t: Translate }): VNode {
  const { lotNumber, primarySource, location, performer } = dose.resource;
  const place = location?.display ?? performer?.find(({ actor }) => actor.display)?.actor.display;
  return (
    <details class="caption details">
      <summary>
        <VaccineName name={dose.vaccine} t={t} />
        <span class="out-of-sight">{`: ${t('grid.details')}, ${doseDate(t, dose)}`}</span>
      </summary>
      <div>{lotNumber ?? t('grid.no-lot')}</div>
      {primarySource === false && <div>{t('grid.from-history')}</div>}
      {place !== undefined && <div>{t('grid.given-at', { place })}</div>}
    </details>
  );
}

function Status({ view, t, forStaff }: Pick<RowProps, 'view' | 't' | 'forStaff'>): VNode {
  const { shown, others } = view;
  if (!shown) return <StatusChip of="unknown" t={t} />;
  const when = whenWords(t, shown);
  const possible = forStaff ? possibleWords(t, shown) : undefined;
  const told = forStaff ? others.filter(({ status }) => status !== 'past-age') : [];
  return (
    <>
      <StatusChip of={shown.status} t={t} />
      {when !== undefined && <div class="caption">{when}</div>}
      {possible !== undefined && <div class="caption">{possible}</div>}
      {told.length > 0 && (
        <details class="caption details">
          <summary>
            {t('grid.other-series')}
            <span class="out-of-sight">{`: ${groupName(t, view.group)}`}</span>
          </summary>
          {told.map((other) => (
            <div key={other.series}>
              {`${other.series}: ${t(`status.${other.status}`)} ${whenWords(t, other) ?? ''}`.trim()}
            </div>
          ))}
        </details>
      )}
    </>
  );
}

function Legend({ t, isRecord }: { readonly t: Translate; readonly isRecord: boolean }): VNode {
  return (
    <ul class="legend" aria-label={t('grid.legend')}>
      {(['counts', 'not', 'extra', 'weak', 'unjudged'] as const).map((mark) => (
        <li key={mark} class={markLooks[mark].tone}>
          <Sign of={markLooks[mark].sign} />
          {t(`mark.${mark}`)}
        </li>
      ))}
      {!isRecord && (
        <li class="none next">
          <Sign of="next" />
          {t('mark.next')}
        </li>
      )}
    </ul>
  );
}
