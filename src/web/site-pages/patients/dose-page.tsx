import type { Immunization, Patient } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { parseResourceId } from '../../../values/resource-id.ts';
import { Notice, PostForm } from '../../form-parts.tsx';
import { formatDate, formatDayOf } from '../../format-date.ts';
import { staffRoles } from '../../navigation.ts';
import { PersonBanner } from '../../parts/person-banner.tsx';
import { readPersonNamed } from '../../person-reading.ts';
import { nameOfPerson } from '../../person-words.ts';
import { type Drawing, sitePage } from '../../site/site-page.ts';
import { vaccineWords } from '../../titles/titles.tsx';
import { parseTextKey, type Translate } from '../../translate.ts';
import { setStatus } from './saved-doses.ts';

type Dose = {
  readonly dose: Immunization;
  readonly patient: Patient;
  readonly today: string;
  readonly mayWrite: boolean;
};

/** One dose as it was written down; what was entered by mistake is taken out, and can be put back. */
export const dosePage = sitePage({
  path: '/app/doses/:id',
  name: 'dose',
  roles: staffRoles,
  parse: ({ params }) => parseResourceId(params['id'] ?? ''),
  load: async ({ ctx, visitor }, id): Promise<Dose | undefined> => {
    const found = await ctx.view.read({ type: 'Immunization', id });
    if (found?.text === undefined) return undefined;
    const dose = JSON.parse(found.text) as Immunization;
    const patient = await readPersonNamed(ctx, /^Patient\/(.+)$/.exec(dose.patient.reference ?? '')?.[1]);
    const today = formatEpochDay(ctx.clock.today());
    return patient && { dose, patient, today, mayWrite: visitor.role === 'clinician' };
  },
  view: ({ dose, patient, today, mayWrite }, drawing) => ({
    title: titleOf(dose, drawing.t),
    narrow: true,
    banner: <PersonBanner patient={patient} day={today} t={drawing.t} />,
    content: <DoseCard dose={dose} patient={patient} mayWrite={mayWrite} {...drawing} />,
  }),
  post: async ({ ctx, params, fields }) => {
    const id = parseResourceId(params['id'] ?? '');
    if (id === undefined) return { kind: 'nothing' };
    const isMistake = fields.get('change') === 'mistake';
    const isDone = await setStatus(ctx, id, isMistake ? 'mistake' : 'restore');
    return isDone ? { kind: 'go', to: `/app/doses/${id}` } : { kind: 'nothing' };
  },
});

function titleOf({ vaccineCode, occurrenceDateTime }: Immunization, t: Translate): string {
  const vaccine = vaccineCode.text ?? vaccineCode.coding?.[0]?.display ?? vaccineCode.coding?.[0]?.code ?? '';
  return t('dose.title', {
    vaccine: vaccineWords(t, vaccine),
    date: occurrenceDateTime ? formatDate(t, occurrenceDateTime) : t('grid.no-date'),
  });
}

function DoseCard({
  dose,
  patient,
  mayWrite,
  t,
  frame,
}: Drawing & Pick<Dose, 'dose' | 'patient' | 'mayWrite'>): VNode {
  const isMistake = dose.status === 'entered-in-error';
  return (
    <>
      <h1>{titleOf(dose, t)}</h1>
      {isMistake && <Notice kind="plain">{t('dose.is-mistake')}</Notice>}
      <section class="card">
        <dl class="facts">
          <dt>{t('dose.of')}</dt>
          <dd>
            <a href={`/app/patients/${patient.id}`}>
              <bdi>{nameOfPerson(patient)}</bdi>
            </a>
          </dd>
          {factsOf(dose, t).map(([term, words]) => [
            <dt key={`${term}-term`}>{term}</dt>,
            <dd key={`${term}-words`}>{words}</dd>,
          ])}
        </dl>
      </section>
      {mayWrite && dose.status !== 'not-done' && (
        <section class="card">
          <h2>{t('dose.mistake-title')}</h2>
          <p>{t('dose.mistake-text')}</p>
          <PostForm action={`/app/doses/${dose.id}`} csrf={frame.csrf}>
            <button class="button short" type="submit" name="change" value={isMistake ? 'given' : 'mistake'}>
              {t(isMistake ? 'dose.restore' : 'dose.mistake')}
            </button>
          </PostForm>
        </section>
      )}
    </>
  );
}

function factsOf(dose: Immunization, t: Translate): readonly (readonly [string, string])[] {
  const worded = (area: 'site' | 'route' | 'eligibility', concept: Immunization['site']) => {
    const coding = concept?.coding?.[0];
    const key = parseTextKey(`${area}.${coding?.code}`);
    return key ? t(key) : (concept?.text ?? coding?.display ?? coding?.code);
  };
  const facts: readonly (readonly [string, string | undefined])[] = [
    [t('dose.given'), dose.occurrenceDateTime && formatDate(t, dose.occurrenceDateTime)],
    [t('doses.lot'), dose.lotNumber],
    [t('doses.expiry'), dose.expirationDate && formatDate(t, dose.expirationDate)],
    [t('dose.maker'), dose.manufacturer?.display],
    [t('doses.site'), worded('site', dose.site)],
    [t('doses.route'), worded('route', dose.route)],
    [t('doses.eligibility'), worded('eligibility', dose.programEligibility?.[0])],
    [t('doses.place'), dose.location?.display],
    [t('dose.reported'), t(dose.primarySource === false ? 'dose.yes' : 'dose.no')],
    [t('dose.recorded'), dose.recorded && formatDayOf(t, dose.recorded)],
  ];
  return facts.flatMap(([term, words]) => (words === undefined ? [] : [[term, words] as const]));
}
