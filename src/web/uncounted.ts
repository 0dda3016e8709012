import type { DoseView, RecordView } from '../registry/forecasting/record-view/record-view.ts';
import { vaccineWords } from './titles/titles.tsx';
import type { Translate } from './translate.ts';
import { doseDate } from './words.ts';

/** Doses that were given on a day that nobody knows: they count for nothing, so what is due may be said of too much. */
function uncounted({ groups, schedule }: RecordView): readonly DoseView[] {
  if (!schedule) return [];
  const undated = groups.flatMap(({ doses }) => doses).filter(({ reason }) => reason === 'no-date');
  // A combination stands in several groups.
  return [...new Map(undated.map((dose) => [dose.id, dose])).values()];
}

/** Undefined where all are counted. */
export function uncountedWords(t: Translate, view: RecordView): string | undefined {
  const doses = uncounted(view);
  if (doses.length === 0) return undefined;
  const vaccines = t.list(doses.map((dose) => `${vaccineWords(t, dose.vaccine)} (${doseDate(t, dose)})`));
  return t.count('uncounted', doses.length, { vaccines });
}
