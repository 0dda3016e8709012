import type { VNode } from 'preact';
import type { DoseView, GroupView, SeriesView } from '../../registry/forecasting/record-view/record-view.ts';
import { parseEpochDay } from '../../values/partial-date.ts';
import { formatDate } from '../format-date.ts';
import type { Translate } from '../translate.ts';
import { doseDate, groupCode, groupName } from '../words.ts';
import { markLooks, Sign, signShape } from './sign.tsx';

type TimelineProps = {
  readonly groups: readonly GroupView[];
  readonly birthDate: string;
  readonly day: string;
  readonly t: Translate;
};

const labelWidth = 120;
const width = 700;
const laneHeight = 30;
const headHeight = 34;
const daysAhead = 335;

/** From birth to eleven months ahead, a lane a group; drawn from 640 px on, else its table. */
export function Timeline({ groups, birthDate, day, t }: TimelineProps): VNode | null {
  const [birth, today] = [parseEpochDay(birthDate), parseEpochDay(day)];
  if (birth === undefined || today === undefined || groups.length === 0) return null;
  const scale = scaleOf(birth, today);
  const height = headHeight + groups.length * laneHeight + 6;
  return (
    <>
      <svg
        class="timeline drawn"
        role="img"
        aria-label={`${t('timeline.title')}. ${t('timeline.describe')}`}
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
      >
        <Hatch />
        <Ticks scale={scale} height={height} t={t} />
        {groups.map((group, nth) => (
          <Lane
            key={group.group}
            view={group}
            top={headHeight + nth * laneHeight}
            scale={scale}
            label={shortName(group, t)}
          />
        ))}
        <line class="today" x1={scale.at(today)} x2={scale.at(today)} y1={headHeight - 8} y2={height} />
      </svg>
      <Keys t={t} />
      <details class="rest timeline-table">
        <summary>{t('timeline.as-table')}</summary>
        <TimelineTable groups={groups} t={t} />
      </details>
    </>
  );
}

function shortName({ group }: GroupView, t: Translate): string {
  return (groupCode(group) ?? groupName(t, group)).split(',')[0] ?? group;
}

type Scale = {
  readonly birth: number;
  readonly today: number;
  readonly end: number;
  readonly at: (day: number) => number;
};

function scaleOf(birth: number, today: number): Scale {
  const end = today + daysAhead;
  const perDay = (width - labelWidth - 14) / (end - birth);
  const at = (day: number) =>
    Math.round(labelWidth + 10 + (Math.min(Math.max(day, birth), end) - birth) * perDay);
  return { birth, today, end, at };
}

/** Red stripes, for what paper and grey screens show too. */
function Hatch(): VNode {
  return (
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-ground" width="6" height="6" />
        <line class="hatch-line" x1="0" x2="0" y1="0" y2="6" />
      </pattern>
    </defs>
  );
}

/** Round ages, at most six of them. */
function Ticks({
  scale,
  height,
  t,
}: {
  readonly scale: Scale;
  readonly height: number;
  readonly t: Translate;
}): VNode {
  const months = (scale.end - scale.birth) / 30.4375;
  const step = [3, 6, 12, 24, 60, 120, 240].find((each) => months / each <= 6) ?? 240;
  const ages = Array.from({ length: Math.floor(months / step) + 1 }, (_, nth) => nth * step);
  const todayAt = scale.at(scale.today);
  return (
    <g class="ticks">
      {ages.map((age) => {
        const x = scale.at(scale.birth + age * 30.4375);
        // "Today" has its own word there.
        const isFree = Math.abs(x - todayAt) > 46;
        return (
          <g key={age}>
            <line class="tick-line" x1={x} x2={x} y1={headHeight - 8} y2={height} />
            {isFree && (
              <text x={x} y="16" text-anchor={age === 0 ? 'start' : 'middle'}>
                {ageLabel(age, t)}
              </text>
            )}
          </g>
        );
      })}
      <text class="today-label" x={todayAt} y="16" text-anchor="middle">
        {t('timeline.today')}
      </text>
    </g>
  );
}

function ageLabel(months: number, t: Translate): string {
  if (months === 0) return t('timeline.birth');
  return months < 24 ? t('timeline.months', { count: months }) : t('timeline.years', { count: months / 12 });
}

type LaneProps = {
  readonly view: GroupView;
  readonly top: number;
  readonly scale: Scale;
  readonly label: string;
};

function Lane({ view, top, scale, label }: LaneProps): VNode {
  const { doses, shown } = view;
  return (
    <g>
      <text class="lane-name" x="0" y={top + 19}>
        {label}
      </text>
      <rect
        class="ground"
        x={scale.at(scale.birth)}
        y={top + 5}
        width={scale.at(scale.end) - scale.at(scale.birth)}
        height="18"
        rx="3"
      />
      {shown?.dates && <Window series={shown} top={top} scale={scale} />}
      {doses.map((dose) => (
        <Given key={dose.reference} dose={dose} top={top} scale={scale} />
      ))}
    </g>
  );
}

function Window({
  series,
  top,
  scale,
}: Omit<LaneProps, 'view' | 'label'> & { readonly series: SeriesView }): VNode | null {
  const { dates, since } = series;
  const earliest = parseEpochDay(dates?.earliest ?? '');
  if (earliest === undefined || earliest > scale.end) return null;
  const latest = parseEpochDay(dates?.latest ?? '') ?? scale.end;
  const recommended = parseEpochDay(dates?.recommended ?? '');
  const overdue = since === undefined ? undefined : parseEpochDay(since);
  const bar = (from: number, to: number, name: string) => (
    <rect
      class={name}
      fill={name === 'late' ? 'url(#hatch)' : undefined}
      x={scale.at(from)}
      y={top + 8}
      width={Math.max(scale.at(to) - scale.at(from), 2)}
      height="12"
      rx="3"
    />
  );
  return (
    <>
      {bar(earliest, latest, 'window')}
      {overdue !== undefined && bar(overdue, scale.today, 'late')}
      {recommended !== undefined && recommended <= scale.end && (
        <rect class="recommended" x={scale.at(recommended) - 1.5} y={top + 5} width="3" height="18" />
      )}
    </>
  );
}

/** A dose whose day is not known stands in the table alone. */
function Given({
  dose,
  top,
  scale,
}: Omit<LaneProps, 'view' | 'label'> & { readonly dose: DoseView }): VNode | null {
  const day = parseEpochDay(dose.date ?? '');
  if (day === undefined) return null;
  const { sign, tone } = markLooks[dose.mark];
  return (
    <g class={`sign ${tone}`} transform={`translate(${scale.at(day) - 8} ${top + 6}) scale(0.667)`}>
      {signShape(sign)}
    </g>
  );
}

function Keys({ t }: { readonly t: Translate }): VNode {
  const swatch = (name: string) => (
    <svg viewBox="0 0 24 12" width="24" height="12" aria-hidden="true" class="drawn">
      <rect
        class={name}
        fill={name === 'late' ? 'url(#hatch)' : undefined}
        x="1"
        y="1"
        width="22"
        height="10"
        rx="3"
      />
    </svg>
  );
  return (
    <ul class="legend timeline-keys">
      <li class="complete">
        <Sign of="check" />
        {t('timeline.counts')}
      </li>
      <li class="overdue">
        <Sign of="cross" />
        {t('mark.not')}
      </li>
      <li>
        {swatch('window')}
        {t('timeline.can')}
      </li>
      <li>
        {swatch('late')}
        {t('timeline.overdue')}
      </li>
      <li>
        <svg viewBox="0 0 6 14" width="6" height="14" aria-hidden="true" class="drawn">
          <rect class="recommended" x="1.5" width="3" height="14" />
        </svg>
        {t('timeline.recommended')}
      </li>
    </ul>
  );
}

function TimelineTable({ groups, t }: Pick<TimelineProps, 'groups' | 't'>): VNode {
  const date = (text: string | undefined) => (text === undefined ? t('timeline.none') : formatDate(t, text));
  return (
    <div class="as-cards">
      <table role="table">
        <thead>
          <tr role="row">
            {[
              t('grid.vaccine'),
              t('timeline.given'),
              t('timeline.earliest'),
              t('timeline.recommended'),
              t('timeline.latest'),
            ].map((head) => (
              <th key={head} scope="col" role="columnheader">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ group, doses, shown }) => (
            <tr key={group} role="row">
              <th scope="row" role="rowheader">
                {groupName(t, group)}
              </th>
              <td role="cell">{doses.map((dose) => doseDate(t, dose)).join('; ') || t('timeline.none')}</td>
              <td role="cell">{date(shown?.dates?.earliest)}</td>
              <td role="cell">{date(shown?.dates?.recommended)}</td>
              <td role="cell">{date(shown?.dates?.latest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
