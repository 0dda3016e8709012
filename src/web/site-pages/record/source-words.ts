import type { RecordView } from '../../../registry/forecasting/record-view/record-view.ts';
import { formatDate } from '../../format-date.ts';
import type { Translate } from '../../translate.ts';

/** Where a record comes from, and by which schedule it was judged. */
export function sourceWords({ schedule, day }: RecordView, t: Translate): string {
  if (!schedule) return t('record.source-text');
  const { authority, version } = schedule;
  const judged = t('record.schedule-text', { authority, version, date: formatDate(t, day) });
  return `${t('record.source-text')} ${judged}`;
}
