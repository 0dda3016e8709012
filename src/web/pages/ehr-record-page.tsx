import type { VNode } from 'preact';
import type { EhrDoseShown, EhrRecordPage } from '../../pages/auth-pages.ts';
import { Notice } from '../form-parts.tsx';
import { formatDate } from '../format-date.ts';
import { Chip, StatusChip } from '../parts/chip.tsx';
import { markLooks } from '../parts/sign.tsx';
import type { View } from '../render-page.ts';
import type { Translate } from '../translate.ts';

/** What an EHR and the registry know of a person, what is due, and what the registry lacks. */
export const ehrRecordPage: View<EhrRecordPage> = (page, t) => {
  const { ehr, person, registry, missing, reported } = page;
  const title = t('ehr.title', { person: person.name });
  return {
    title,
    content: (
      <>
        {reported && <ReportedNotice of={reported} t={t} />}
        <div class="page-head">
          <h1>{title}</h1>
          {person.birthDate !== undefined && (
            <p>{t('person.born', { date: formatDate(t, person.birthDate) })}</p>
          )}
          <p class="quiet">{t('ehr.opened-from', { ehr })}</p>
          <p>{t(`ehr.${registry}`, { ehr })}</p>
          {missing.length > 0 && <p>{t('ehr.missing', { ehr, list: missing.join(', ') })}</p>}
        </div>
        <MustNot page={page} t={t} />
        <Due page={page} t={t} />
        <Doses page={page} t={t} />
      </>
    ),
  };
};

type Props = { readonly page: EhrRecordPage; readonly t: Translate };

function ReportedNotice({
  of,
  t,
}: {
  readonly of: NonNullable<EhrRecordPage['reported']>;
  readonly t: Translate;
}): VNode {
  return (
    <Notice kind={of.refused.length > 0 ? 'plain' : 'good'}>
      <p>{t('ehr.reported', { number: of.count })}</p>
      {of.refused.length > 0 && (
        <>
          <p>{t('ehr.refused', { number: of.refused.length })}</p>
          <ul lang="en">
            {of.refused.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  );
}

/** Before anything that may be given. */
function MustNot({ page: { forbidden }, t }: Props): VNode | false {
  return (
    forbidden.length > 0 && (
      <section class="card">
        <h2>{t('ehr.must-not')}</h2>
        <ul class="stack">
          {forbidden.map(({ group, vaccines, because }) => (
            <li key={group}>
              <StatusChip of="do-not-give" t={t} /> <strong>{group}</strong>
              {vaccines.length > 0 && <span lang="en">{`: ${vaccines.join('; ')}`}</span>}
              {because.length > 0 && (
                <div class="quiet small">
                  {t('ehr.because')} <span lang="en">{because.join('; ')}</span>
                </div>
              )}
            </li>
          ))}
        </ul>
      </section>
    )
  );
}

function Due({ page: { due }, t }: Props): VNode {
  return (
    <section class="card">
      <h2>{t('ehr.due')}</h2>
      {due.length === 0 && <p>{t('ehr.none-due')}</p>}
      <ul class="stack">
        {due.map(({ group, doseNumber, since }) => (
          <li key={group}>
            <strong>{group}</strong>
            {doseNumber !== undefined && ` · ${t('ehr.dose-number', { number: doseNumber })}`}
            {since !== undefined && (
              <span class="chip bad">{t('ehr.overdue-since', { date: formatDate(t, since) })}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Doses({ page, t }: Props): VNode {
  const { doses, csrf, ehr } = page;
  const canReport = doses.some(({ place }) => place !== undefined);
  return (
    <section class="card">
      <h2>{t('ehr.doses')}</h2>
      {doses.length === 0 ? (
        <p>{t('ehr.no-doses')}</p>
      ) : (
        <form method="post" action="/app/launch/record">
          <input type="hidden" name="csrf" value={csrf} />
          <div class="as-cards">
            <table role="table">
              <thead>
                <tr role="row">
                  {(['ehr.date', 'ehr.vaccine', 'ehr.where'] as const).map((key) => (
                    <th key={key} scope="col" role="columnheader">
                      {t(key)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {doses.map((dose, nth) => (
                  <DoseRow key={`${nth}`} dose={dose} ehr={ehr} t={t} />
                ))}
              </tbody>
            </table>
          </div>
          {canReport && (
            <>
              <p class="quiet">{t('ehr.report-hint')}</p>
              <button class="primary" type="submit">
                {t('ehr.report')}
              </button>
            </>
          )}
        </form>
      )}
    </section>
  );
}

type RowProps = { readonly dose: EhrDoseShown; readonly ehr: string; readonly t: Translate };

function DoseRow({ dose, ehr, t }: RowProps): VNode {
  const { vaccine, notGiven, notCounted, place } = dose;
  const date = dose.date === undefined ? '' : formatDate(t, dose.date);
  return (
    <tr role="row">
      <td role="cell">{date}</td>
      <th scope="row" role="rowheader">
        {vaccine}
        {notGiven && <div class="quiet small">{t('ehr.not-given')}</div>}
        {notCounted && (
          <div class="small">
            <Chip sign={markLooks.not.sign} tone={markLooks.not.tone}>
              {t('ehr.not-counted')}
            </Chip>
            {notCounted.length > 0 && <span lang="en"> {notCounted.join('; ')}</span>}
          </div>
        )}
      </th>
      <td role="cell">
        {t(`ehr.in-${dose.in}`, { ehr })}
        {place !== undefined && (
          <div>
            <label>
              <input type="checkbox" name="dose" value={String(place)} checked />
              {t('ehr.report-one', { vaccine, date })}
            </label>
          </div>
        )}
      </td>
    </tr>
  );
}
