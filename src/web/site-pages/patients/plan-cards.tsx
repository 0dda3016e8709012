import type { VNode } from 'preact';
import type { NextVisitView, RecordView } from '../../../registry/forecasting/record-view/record-view.ts';
import { formatDate } from '../../format-date.ts';
import { productWords } from '../../titles/titles.tsx';
import type { Translate } from '../../translate.ts';
import { groupName } from '../../words.ts';
import type { VisitPlan } from './load-chart.ts';

type PlanProps = { readonly plan: VisitPlan; readonly view: RecordView; readonly t: Translate };

/** What a what-if forecast proposes: the fewest injections of today, and the visit after them. */
export function PlanCards({ plan, view, t }: PlanProps): VNode {
  return (
    <>
      {plan.injections.length > 0 && (
        <section class="card">
          <h2>{t('patient.fewest')}</h2>
          <ul class="plain-list">
            {plan.injections.map(({ cvx, name, groups }) => (
              <li key={cvx}>
                {t('patient.fewest-line', {
                  vaccine: dependsOnWeight(cvx, view)
                    ? t('patient.nirsevimab')
                    : productWords(t, { cvx, name }),
                  groups: t.list(groups.map((group) => groupName(t, group))),
                })}
              </li>
            ))}
          </ul>
        </section>
      )}
      {plan.next && (
        <section class="card">
          <h2>{t('patient.after')}</h2>
          <p>{nextWords(plan, plan.next, t)}</p>
          <Earlier next={plan.next} t={t} />
        </section>
      )}
    </>
  );
}

/** Of the doses of that day alone: that a booster of a far year may be given already brings nobody to a visit. */
function Earlier({ next, t }: Pick<PlanProps, 't'> & { readonly next: NextVisitView }): VNode | null {
  const sooner = next.mayBeGiven.filter((group) => next.doses.some((dose) => dose.group === group));
  if (sooner.length === 0 || next.earliest >= next.recommended) return null;
  return (
    <p class="quiet small">
      {t('patient.next-earlier', { date: formatDate(t, next.earliest), vaccines: t.list(sooner) })}
    </p>
  );
}

function dependsOnWeight(cvx: string, { groups }: RecordView): boolean {
  return groups.some(({ shown }) =>
    shown?.vaccines.some((vaccine) => vaccine.cvx === cvx && vaccine.asks === 'weight'),
  );
}

function nextWords({ withheld, injections }: VisitPlan, next: NextVisitView, t: Translate): string {
  const doses = next.doses.map(({ group, doseNumber }) =>
    doseNumber === undefined ? group : t('patient.next-dose', { vaccine: group, number: doseNumber }),
  );
  const values = { date: formatDate(t, next.recommended), doses: t.list(doses) };
  if (injections.length === 0) return t('patient.next-visit-alone', values);
  if (withheld.length === 0) return t('patient.next-visit', values);
  const vaccines = t.list(withheld.map((group) => groupName(t, group)));
  return t('patient.next-visit-without', { ...values, vaccines });
}
