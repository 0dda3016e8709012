import type { VNode } from 'preact';
import type { EhrDoseShown, EhrRecordPage } from '../../pages/auth-pages.ts';
import { reasonOfText } from '../../registry/forecasting/to-evaluation.ts';
import { formatDate } from '../format-date.ts';
import { Chip } from '../parts/chip.tsx';
import { markLooks } from '../parts/sign.tsx';
import { VaccineName, vaccineWords } from '../titles/titles.tsx';
import { parseTextKey, type Translate } from '../translate.ts';

type Props = { readonly page: EhrRecordPage; readonly t: Translate };

/** All doses of both, with a box at each that one of them lacks and may be told. */
export function EhrDoses({ page, t }: Props): VNode {
  const { doses, csrf, visit, ehr } = page;
  return (
    <section class="card">
      <h2>{t('ehr.doses')}</h2>
      {doses.length === 0 ? (
        <p>{t('ehr.no-doses')}</p>
      ) : (
        <form method="post" action="/app/launch/record">
          <input type="hidden" name="csrf" value={csrf} />
          <input type="hidden" name="visit" value={visit} />
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
                  <DoseRow key={`${nth}`} dose={dose} nth={nth} ehr={ehr} t={t} />
                ))}
              </tbody>
            </table>
          </div>
          <Actions page={page} t={t} />
        </form>
      )}
    </section>
  );
}

function Actions({ page: { doses, ehr, canWrite }, t }: Props): VNode {
  const canReport = doses.some(({ report }) => report !== undefined);
  const isLackedThere = doses.some(({ in: where, notGiven }) => where === 'registry' && !notGiven);
  const isWritable = canWrite && doses.some(({ write }) => write !== undefined);
  return (
    <>
      {canReport && (
        <>
          <p class="quiet">{t('ehr.report-hint')}</p>
          <button class="button primary" type="submit" name="do" value="report">
            {t('ehr.report')}
          </button>
        </>
      )}
      {isWritable && (
        <>
          <p class="quiet">{t('ehr.write-hint', { ehr })}</p>
          <button class={canReport ? 'button' : 'button primary'} type="submit" name="do" value="write">
            {t('ehr.write', { ehr })}
          </button>
        </>
      )}
      {isLackedThere && !canWrite && <p class="quiet">{t('ehr.shown-alone', { ehr })}</p>}
    </>
  );
}

type RowProps = {
  readonly dose: EhrDoseShown;
  readonly nth: number;
  readonly ehr: string;
  readonly t: Translate;
};

function DoseRow({ dose, nth, ehr, t }: RowProps): VNode {
  const { vaccine, notGiven, notCounted } = dose;
  return (
    <tr role="row">
      <td role="cell">{dayOf(dose, t)}</td>
      <th scope="row" role="rowheader">
        <VaccineName name={vaccine} t={t} />
        {notGiven && <div class="quiet small">{t('ehr.not-given')}</div>}
        {notCounted && <NotCounted reasons={notCounted} t={t} />}
      </th>
      <td role="cell">
        {t(`ehr.in-${dose.in}`, { ehr })}
        <Box dose={dose} nth={nth} ehr={ehr} t={t} />
      </td>
    </tr>
  );
}

function dayOf({ date }: EhrDoseShown, t: Translate): string {
  return date === undefined ? t('grid.no-date') : formatDate(t, date);
}

function Box({ dose, nth, ehr, t }: RowProps): VNode | false {
  const { report, write, vaccine } = dose;
  const id = report ?? write;
  if (id === undefined) return false;
  const kind = report === undefined ? 'write' : 'report';
  return (
    <div class="choice">
      <input type="checkbox" id={`dose-${nth}`} name={kind} value={id} checked />
      <label for={`dose-${nth}`}>
        {t(`ehr.${kind}-one`, { vaccine: vaccineWords(t, vaccine), date: dayOf(dose, t), ehr })}
      </label>
    </div>
  );
}

function NotCounted({ reasons, t }: { readonly reasons: readonly string[]; readonly t: Translate }): VNode {
  return (
    <div class="small">
      <Chip sign={markLooks.not.sign} tone={markLooks.not.tone}>
        {t('ehr.not-counted')}
      </Chip>
      {reasons.map((text, nth) => [nth > 0 && ';', <Reason key={text} text={text} t={t} />])}
    </div>
  );
}

/** An answer of FHIR gives reasons in words; those of the schedules have words of each language. */
function Reason({ text, t }: { readonly text: string; readonly t: Translate }): VNode {
  const key = parseTextKey(`reason.${reasonOfText(text) ?? ''}`);
  return key ? <span> {t(key)}</span> : <span lang="en"> {text}</span>;
}
