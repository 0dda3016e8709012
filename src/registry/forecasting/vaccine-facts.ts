import { addOffset, parseOffset } from '../../forecast/date-arithmetic.ts';
import type { AntigenData, SeriesData, SeriesDoseData } from '../../forecast/schedule-data.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { remember } from '../../values/remember.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/** What the schedule knows of a vaccine by itself, by which a dose is looked at before it is written down. */
export type VaccineFacts = {
  /** The vaccine groups that it has a part in. */
  readonly groups: readonly string[];
  /** The first day on which all of it may count for who was born on a day; undefined where no series asks for it. */
  readonly firstDayFor: (birth: EpochDay) => EpochDay | undefined;
};

/** A vaccine in a dose of a series, and ages as CDC writes them: none counts before the later of the two. */
type Start = readonly [ofDose: string | undefined, ofVaccine: string | undefined];

export function vaccineFactsOf({ data, antigensOf }: KnowledgeBase): (cvx: string) => VaccineFacts {
  return remember(1000, (cvx) => {
    const antigens = antigensOf(cvx) ?? [];
    const parts = data.antigens
      .filter(({ antigen }) => antigens.includes(antigen))
      .map((antigen) => startsOf(antigen, cvx))
      .filter((starts) => starts.length > 0);
    return {
      groups: data.vaccineGroups
        .filter((group) => group.antigens.some((antigen) => antigens.includes(antigen)))
        .map(({ name }) => name),
      firstDayFor: (birth) => {
        const days = parts.map((starts) => Math.min(...starts.map((start) => dayOf(start, birth))));
        return days.length === 0 ? undefined : (Math.max(...days) as EpochDay);
      },
    };
  });
}

/** By the series that are for everybody where one of them has the vaccine; what is for a risk may begin earlier. */
function startsOf({ series }: AntigenData, cvx: string): readonly Start[] {
  const of = (type: SeriesData['seriesType']) =>
    series
      .filter(({ seriesType }) => seriesType === type)
      .flatMap(({ doses }) => doses.flatMap((dose) => startsIn(dose, cvx)));
  const usual = of('Standard');
  return usual.length > 0 ? usual : of('Risk');
}

function startsIn(dose: SeriesDoseData, cvx: string): readonly Start[] {
  const entries = [...dose.preferableVaccines, ...dose.allowableVaccines].filter((one) => one.cvx === cvx);
  const ages = dose.ages.length === 0 ? [{}] : dose.ages;
  return entries.flatMap(({ beginAge }) =>
    ages.map(({ absMinAge, minAge }: (typeof dose.ages)[number]) => [absMinAge ?? minAge, beginAge] as const),
  );
}

function dayOf(start: Start, birth: EpochDay): number {
  const days = start.flatMap((age) => {
    const offset = parseOffset(age ?? '');
    return offset ? [addOffset(birth, offset)] : [];
  });
  return Math.max(birth, ...days);
}
