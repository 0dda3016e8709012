import { addOffset } from '../../forecast/date-arithmetic.ts';
import { scheduleWarnings } from '../../forecast/shelf-life.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { type LeftOutDose, tellDoseCount } from './left-out-doses.ts';
import { lookUp, personName, scheduleName } from './names.ts';
import { distinct, listOf, type RenderedForecast } from './rendered-forecast.ts';
import { canBeGiven, type OnDay, type Row } from './sections.ts';

/** Whom and which day it is about, by whose advice, how much of the record it rests on, and whether anything is due. */
export function renderHead(
  rendered: RenderedForecast,
  rows: readonly Row[],
  leftOut: readonly LeftOutDose[],
  on: OnDay,
): string {
  const { forecast, knowledgeBase, because } = rendered;
  const { assessmentDate } = forecast;
  return [
    `Forecast for ${formatEpochDay(assessmentDate)}`,
    tellPerson(rendered),
    `By ${scheduleName(knowledgeBase)}${because === undefined ? '' : `, since ${because}`}`,
    // Of seasons the rows tell.
    ...scheduleWarnings({ ...knowledgeBase.data, antigens: [] }, assessmentDate),
    tellDoseCount(rendered, leftOut),
    ...tellNothingDue(rendered, rows, on),
  ].join('\n');
}

function tellPerson({ record, reading, forecast }: RenderedForecast): string {
  const { dateOfBirth, gender } = reading.history;
  const { resource, reference } = record.patient;
  const name = [personName(resource), lookUp(reference)].filter((each) => each !== undefined);
  const who = name.length === 0 ? ['The patient'] : name;
  const sex = gender === 'Unknown' ? 'gender unknown' : gender.toLowerCase();
  const age = ageText(dateOfBirth, forecast.assessmentDate);
  return `${who.join(', ')}, born ${formatEpochDay(dateOfBirth)} (${age}), ${sex}`;
}

/** In days, months or years, as one speaks of children. */
function ageText(born: EpochDay, on: EpochDay): string {
  const months = wholeMonths(born, on);
  if (months < 1) return counted(on - born, 'day');
  return months < 24 ? counted(months, 'month') : counted(Math.floor(months / 12), 'year');
}

/** At most as many as a month has, so that the count from it is never too small. */
const daysOfMonth = 28;

function wholeMonths(born: EpochDay, on: EpochDay): number {
  let months = Math.ceil((on - born) / daysOfMonth);
  while (months > 0 && addOffset(born, { months, days: 0 }) > on) months--;
  return months;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'} old`;
}

function tellNothingDue({ reading }: RenderedForecast, rows: readonly Row[], on: OnDay): readonly string[] {
  if (reading.history.dateOfDeath !== undefined) return ['Nothing is due: the person is dead'];
  const asked = rows.filter(({ section }) => section === 'Overdue' || section === 'Due now');
  if (asked.some((row) => canBeGiven(row, on))) return [];
  const what = asked.length === 0 ? 'Nothing is due today' : 'Nothing that is due can be given today';
  return [`${what}; ${tellNext(asked, rows)}`];
}

/** What can be given first of what is due and waits, else of what comes later. */
function tellNext(asked: readonly Row[], rows: readonly Row[]): string {
  const ahead = asked.length > 0 ? asked : rows.filter(({ section }) => section === 'Later');
  const days = ahead.flatMap(({ each, section, dates }) => {
    const day = section === 'Later' ? dates?.recommended : dates?.earliest;
    return day === undefined ? [] : [{ day, group: each.vaccineGroup }];
  });
  const first = days.map(({ day }) => day).sort((a, b) => a - b)[0];
  if (first === undefined) return 'and nothing is planned';
  const groups = distinct(days.filter(({ day }) => day === first).map(({ group }) => group));
  return `next: ${listOf(groups)} on ${formatEpochDay(first)}`;
}
