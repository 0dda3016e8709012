import type { VNode } from 'preact';
import type { EhrRecordPage } from '../../pages/auth-pages.ts';
import { formatDate } from '../format-date.ts';
import { StatusChip } from '../parts/chip.tsx';
import type { View } from '../render-page.ts';
import { ObservationName, VaccineName } from '../titles/titles.tsx';
import type { Translate } from '../translate.ts';
import { groupCode, groupName } from '../words.ts';
import { EhrDoses } from './ehr-doses.tsx';
import { EhrNotice } from './ehr-notice.tsx';

/** What an EHR and the registry know of a person, what is due, and what either lacks. */
export const ehrRecordPage: View<EhrRecordPage> = (page, t) => {
  const { ehr, person, registry, missing, notice } = page;
  const title = t('ehr.title', { person: person.name });
  return {
    title,
    content: (
      <>
        {notice && <EhrNotice notice={notice} ehr={ehr} t={t} />}
        <div class="page-head">
          <h1>{title}</h1>
          {person.birthDate !== undefined && (
            <p>{t('person.born', { date: formatDate(t, person.birthDate) })}</p>
          )}
          <p class="quiet">{t('ehr.opened-from', { ehr })}</p>
          <p>{t(`ehr.${registry}`, { ehr })}</p>
          {missing.length > 0 && <p>{t('ehr.missing', { ehr, list: t.list(missing.map(typeWords(t))) })}</p>}
        </div>
        <MustNot page={page} t={t} />
        <Due page={page} t={t} />
        <EhrDoses page={page} t={t} />
      </>
    ),
  };
};

const types = {
  Condition: 'ehr.conditions',
  Observation: 'ehr.observations',
  AllergyIntolerance: 'ehr.allergies',
  Procedure: 'ehr.procedures',
} as const;

function typeWords(t: Translate): (type: string) => string {
  return (type) => (type in types ? t(types[type as keyof typeof types]) : type);
}

type Props = { readonly page: EhrRecordPage; readonly t: Translate };

/** Before anything that may be given. */
function MustNot({ page: { forbidden }, t }: Props): VNode | false {
  return (
    forbidden.length > 0 && (
      <section class="card">
        <h2>{t('ehr.must-not')}</h2>
        <ul class="stack">
          {forbidden.map(({ group, vaccines, because }) => (
            <li key={group}>
              <StatusChip of="do-not-give" t={t} /> <Forbidden group={group} vaccines={vaccines} t={t} />
              {because.length > 0 && (
                <div class="quiet small">
                  {t('ehr.because')}{' '}
                  {because.map((one, nth) => [
                    nth > 0 && '; ',
                    <ObservationName key={one.title} of={one} t={t} />,
                  ])}
                </div>
              )}
            </li>
          ))}
        </ul>
      </section>
    )
  );
}

type ForbiddenProps = {
  readonly group: string;
  readonly vaccines: readonly string[];
  readonly t: Translate;
};

/** Where some vaccines of a group alone must not be given, these are what is read first. */
function Forbidden({ group, vaccines, t }: ForbiddenProps): VNode {
  if (vaccines.length === 0) return <Group group={group} t={t} />;
  return (
    <>
      <strong>
        {vaccines.map((name, nth) => [nth > 0 && '; ', <VaccineName key={name} name={name} t={t} />])}
      </strong>
      <div class="small">{t('ehr.only-these', { group: groupName(t, group) })}</div>
    </>
  );
}

function Group({ group, t }: { readonly group: string; readonly t: Translate }): VNode {
  const code = groupCode(group);
  return (
    <>
      <strong>{groupName(t, group)}</strong>
      {code !== undefined && <span class="quiet small"> {code}</span>}
    </>
  );
}

function Due({ page: { due }, t }: Props): VNode {
  return (
    <section class="card">
      <h2>{t('ehr.due')}</h2>
      {due.length === 0 && <p>{t('ehr.none-due')}</p>}
      <ul class="stack">
        {due.map(({ group, urgency, doseNumber, since }) => (
          <li key={group}>
            <StatusChip of={urgency} t={t} /> <Group group={group} t={t} />
            {doseNumber !== undefined && ` · ${t('ehr.dose-number', { number: doseNumber })}`}
            {since !== undefined && ` · ${t('when.since', { date: formatDate(t, since) })}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
