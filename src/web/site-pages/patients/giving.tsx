import type { VNode } from 'preact';
import { parseEpochDay } from '../../../values/partial-date.ts';
import { hasDied } from '../../person-words.ts';
import type { Translate } from '../../translate.ts';
import { GiveToday } from './give-today.tsx';
import type { Chart } from './load-chart.ts';

type GivingProps = { readonly chart: Chart; readonly t: Translate };

/** What can be written down from the chart. */
export function Giving({ chart, t }: GivingProps): VNode {
  const { patient, schedule } = chart.view;
  if (hasDied(patient)) return <GivenBefore chart={chart} t={t} />;
  return schedule ? <GiveToday chart={chart} t={t} /> : <GivenUnplanned chart={chart} t={t} />;
}

const formOf = ({ id }: Chart) => `/app/patients/${id}/doses/new`;

/** Nothing is given to the dead; a record of what was given may lack something all the same. */
function GivenBefore({ chart, t }: GivingProps): VNode {
  return (
    <section class="card screen-only">
      <h2>{t('patient.past')}</h2>
      <p>{t('patient.past-of-dead')}</p>
      <div class="actions closing">
        <a class="button" href={`${formOf(chart)}?kind=past`}>
          {t('patient.past')}
        </a>
      </div>
    </section>
  );
}

/** Where it cannot be said what is due, what was given can be written down all the same. */
function GivenUnplanned({ chart, t }: GivingProps): VNode {
  const form = formOf(chart);
  const isDayKnown = parseEpochDay(chart.view.patient.birthDate ?? '') !== undefined;
  return (
    <section class="card">
      <h2>{t('patient.record')}</h2>
      <p>{t(isDayKnown ? 'patient.no-plan' : 'patient.no-birth-date')}</p>
      <div class="actions closing">
        <a class="button primary" href={form} id="record">
          {t('patient.record')}
        </a>
        <a class="button" href={`${form}?kind=past`}>
          {t('patient.past')}
        </a>
        <a class="button" href={`${form}?kind=not-given`}>
          {t('patient.not-given')}
        </a>
      </div>
    </section>
  );
}
