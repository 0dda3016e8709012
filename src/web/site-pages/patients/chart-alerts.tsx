import type { Patient } from 'fhir/r4.js';
import type { VNode } from 'preact';
import type { GroupView } from '../../../registry/forecasting/record-view/record-view.ts';
import { outOfUse } from '../../out-of-use.ts';
import { Sign, type SignName, type Tone } from '../../parts/sign.tsx';
import { hasDied } from '../../person-words.ts';
import { vaccineWords } from '../../titles/titles.tsx';
import type { Translate } from '../../translate.ts';
import { uncountedWords } from '../../uncounted.ts';
import { groupName } from '../../words.ts';
import type { Chart } from './load-chart.ts';

/** What must be known before anything is given: what must not be given comes first. */
export function ChartAlerts({ chart, t }: { readonly chart: Chart; readonly t: Translate }): VNode {
  const { schedule, patient } = chart.view;
  // Of who has died nothing is asked.
  const groups = hasDied(patient) ? [] : chart.view.groups;
  const names = (of: readonly GroupView[]) => t.list(of.map(({ group }) => groupName(t, group)));
  const never = groups.filter(({ shown }) => shown?.status === 'do-not-give');
  const products = [
    ...new Set(
      groups.flatMap(({ shown }) =>
        shown && shown.status !== 'do-not-give'
          ? shown.contraindicated.map(({ name }) => vaccineWords(t, name))
          : [],
      ),
    ),
  ];
  const undated = hasDied(patient) ? undefined : uncountedWords(t, chart.view);
  const silent = groups.filter(({ shown }) => shown?.status === 'no-advice');
  const assumed = groups.filter(({ shown }) => shown?.season?.assumed && shown.status !== 'no-advice');
  return (
    <>
      <OutOfUse patient={patient} t={t} />
      {hasDied(patient) && (
        <Alert sign="barred" tone="none">
          {t('patient.died')}
        </Alert>
      )}
      {never.length > 0 && (
        <Alert sign="barred" tone="never">
          {t('patient.not-given-alert', { vaccines: names(never) })}
        </Alert>
      )}
      {products.length > 0 && (
        <Alert sign="barred" tone="never">
          {t('patient.not-these', { vaccines: t.list(products) })}
        </Alert>
      )}
      {!schedule && (
        <Alert sign="question" tone="none">
          {t('patient.no-forecast')}
        </Alert>
      )}
      {undated !== undefined && (
        <Alert sign="question" tone="due">
          {`${undated} ${t('patient.uncounted')}`}
        </Alert>
      )}
      {silent.length > 0 && (
        <Alert sign="clock" tone="due">
          {t('patient.no-advice-alert', { vaccines: names(silent) })}
        </Alert>
      )}
      {assumed.length > 0 && (
        <Alert sign="clock" tone="due">
          {t('patient.season-alert', { vaccines: names(assumed) })}
        </Alert>
      )}
    </>
  );
}

/** What such a record lacks may stand in the one that took its place: nothing is to be given by it. */
function OutOfUse({ patient, t }: { readonly patient: Patient; readonly t: Translate }): VNode | null {
  const replaced = outOfUse(patient);
  if (!replaced) return null;
  const { next } = replaced;
  return (
    <p class="notice alert never">
      <Sign of="barred" tone="never" />
      <span>
        {t('patient.out-of-use')}{' '}
        {next !== undefined && <a href={`/app/patients/${next}`}>{t('patient.record-in-use')}</a>}
      </span>
    </p>
  );
}

function Alert({
  sign,
  tone,
  children,
}: {
  readonly sign: SignName;
  readonly tone: Tone;
  readonly children: string;
}): VNode {
  return (
    <p class={`notice alert ${tone}`}>
      <Sign of={sign} tone={tone} />
      <span>{children}</span>
    </p>
  );
}
