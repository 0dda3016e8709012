import type { Immunization, Patient } from 'fhir/r4.js';
import type { VNode } from 'preact';
import type { InteractionContext } from '../../../interaction/context.ts';
import { isKeptFrom } from '../../../registry/identity/kept-as-sent.ts';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { parseResourceId, type ResourceId } from '../../../values/resource-id.ts';
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
  readonly isWriter: boolean;
  /** Who may write doses may all the same not change what others have reported. */
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
    const isWriter = visitor.role === 'clinician';
    const mayWrite = isWriter && (await mayChange(ctx, id, dose));
    return patient && { dose, patient, today, isWriter, mayWrite };
  },
  view: ({ today, ...shown }, drawing) => ({
    title: titleOf(shown.dose, drawing.t),
    narrow: true,
    banner: <PersonBanner patient={shown.patient} day={today} t={drawing.t} />,
    content: <DoseCard {...shown} {...drawing} />,
  }),
  post: async ({ ctx, params, fields }) => {
    const id = parseResourceId(params['id'] ?? '');
    if (id === undefined) return { kind: 'nothing' };
    const isMistake = fields.get('change') === 'mistake';
    const isDone = await setStatus(ctx, id, isMistake ? 'mistake' : 'restore');
    return isDone ? { kind: 'go', to: `/app/doses/${id}` } : { kind: 'nothing' };
  },
});

async function mayChange(ctx: InteractionContext, id: ResourceId, dose: Immunization): Promise<boolean> {
  const allowed = await ctx.view.read({ type: 'Immunization', id }, 'update');
  return allowed !== undefined && !(await isKeptFrom(ctx, dose as never, 'update'));
}

function titleOf({ vaccineCode, occurrenceDateTime }: Immunization, t: Translate): string {
  const vaccine = vaccineCode.text ?? vaccineCode.coding?.[0]?.display ?? vaccineCode.coding?.[0]?.code ?? '';
  return t('dose.title', {
    vaccine: vaccineWords(t, vaccine),
    date: occurrenceDateTime ? formatDate(t, occurrenceDateTime) : t('grid.no-date'),
  });
}

function DoseCard({ dose, patient, isWriter, mayWrite, t, frame }: Drawing & Omit<Dose, 'today'>): VNode {
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
      {isWriter && !mayWrite && <Notice kind="plain">{t('dose.theirs')}</Notice>}
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
