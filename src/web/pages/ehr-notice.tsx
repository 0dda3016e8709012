import type { VNode } from 'preact';
import type { EhrOutcomeShown, EhrRecordPage } from '../../pages/auth-pages.ts';
import { Notice } from '../form-parts.tsx';
import { formatDate } from '../format-date.ts';
import { VaccineName } from '../titles/titles.tsx';
import type { Translate } from '../translate.ts';

type Props = {
  readonly notice: NonNullable<EhrRecordPage['notice']>;
  readonly ehr: string;
  readonly t: Translate;
};

/** What became of what was chosen, dose by dose where not all went well. */
export function EhrNotice({ notice, ehr, t }: Props): VNode {
  if (typeof notice === 'string') {
    return (
      <Notice kind="warn">
        <p>{t(`ehr.${notice}`)}</p>
      </Notice>
    );
  }
  const { kind, count, failed } = notice;
  return (
    <Notice kind={failed.length > 0 ? 'warn' : 'good'}>
      <p>{t(`ehr.${kind}`, { number: count, ehr })}</p>
      {failed.length > 0 && (
        <ul>
          {failed.map((one, nth) => (
            <Failed key={`${nth}`} one={one} kind={kind} ehr={ehr} t={t} />
          ))}
        </ul>
      )}
    </Notice>
  );
}

type FailedProps = Pick<Props, 'ehr' | 't'> & {
  readonly one: EhrOutcomeShown['failed'][number];
  readonly kind: EhrOutcomeShown['kind'];
};

function Failed({ one: { vaccine, date, outcome, why }, kind, ehr, t }: FailedProps): VNode {
  return (
    <li>
      <strong>
        <VaccineName name={vaccine} t={t} />
        {date !== undefined && `, ${formatDate(t, date)}`}
      </strong>{' '}
      {t(kind === 'reported' ? 'ehr.not-reported' : `ehr.write-${outcome}`, { ehr })}
      {why !== undefined && <span lang="en"> ({why})</span>}
    </li>
  );
}
