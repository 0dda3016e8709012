import type { Patient } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { Field, Notice, PostForm } from '../../form-parts.tsx';
import { formatDate } from '../../format-date.ts';
import { staffRoles } from '../../navigation.ts';
import { type Fault, Faults, faultAt } from '../../parts/faults.tsx';
import { nameOfPerson, sexWords } from '../../person-words.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Answer, Drawing, SitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { ageWords } from '../../words.ts';
import type { Asked } from './asked-person.ts';
import {
  DateFields,
  dateOfFields,
  fieldsOfDate,
  type ThreeFields,
  threeFieldsOf,
} from './birth-date-fields.tsx';
import { type Found, findPeople } from './find-people.ts';

/** Finds a patient. What is searched for is kept by the session: no name stands in a URL. */
export const patientsPage: SitePage = {
  path: '/app/patients',
  name: 'patients',
  roles: staffRoles,
  get: async (visit, { peopleLike }) => {
    const id = visit.fields.get('q');
    const kept = id === null ? undefined : await visit.notes.read(id);
    const asked = isAsked(kept) ? kept : undefined;
    const found = asked && (await findPeople(visit.ctx, asked, peopleLike));
    const today = formatEpochDay(visit.ctx.clock.today());
    const isSentTwice = visit.fields.has('sent-twice');
    return show({ asked, found, today, ...(id !== null && { id }), faults: [], isSentTwice });
  },
  post: async (visit, services) => {
    const typed = threeFieldsOf(visit.fields, 'birth');
    const text = (visit.fields.get('text') ?? '').trim().slice(0, 200);
    const birthDate = dateOfFields(typed);
    const today = formatEpochDay(visit.ctx.clock.today());
    if (birthDate === 'wrong') return show({ today, faults: ['wrong-date'], asked: { text }, typed });
    // Whoever was born in one year is too long a list.
    if (text === '' && birthDate?.length !== 10) {
      const fault = birthDate === undefined ? 'nothing-typed' : 'part-of-date';
      return show({ today, faults: [fault], asked: undefined, typed });
    }
    return goTo(visit, { text, ...(birthDate !== undefined && { birthDate }) }, services);
  },
};

/** Who is found alone is opened at once, but by a birth date alone nobody is named. */
async function goTo({ ctx, notes }: Visit, asked: Asked, { peopleLike }: SiteServices): Promise<Answer> {
  const { people, isMore } = await findPeople(ctx, asked, peopleLike);
  const [only, ...others] = people;
  if (only && others.length === 0 && !isMore && asked.text !== '')
    return { kind: 'go', to: `/app/patients/${only.id}` };
  return { kind: 'go', to: `/app/patients?q=${await notes.keep(asked)}` };
}

export function isAsked(kept: unknown): kept is Asked {
  return typeof kept === 'object' && kept !== null && typeof (kept as Asked).text === 'string';
}

type Shown = {
  readonly asked: Asked | undefined;
  readonly found?: Found | undefined;
  readonly today: string;
  readonly id?: string;
  readonly faults: readonly (keyof typeof faultFields)[];
  readonly typed?: ThreeFields;
  /** The form of a new patient came again while it was being saved, or nobody knows of it. */
  readonly isSentTwice?: boolean;
};

function show(shown: Shown): Answer {
  return {
    kind: 'page',
    status: shown.faults.length > 0 ? 422 : 200,
    draw: (drawing) => ({
      title: drawing.t('patients.title'),
      failed: shown.faults.length > 0,
      content: <Patients shown={shown} {...drawing} />,
    }),
  };
}

const faultFields = {
  'wrong-date': 'birth-month',
  'part-of-date': 'birth-month',
  'nothing-typed': 'text',
} as const;

function Patients({ shown, t, frame }: Drawing & { readonly shown: Shown }): VNode {
  const { asked, found, today, faults: codes, typed } = shown;
  const faults: readonly Fault[] = codes.map((code) => ({
    field: faultFields[code],
    text: t(`patients.${code}`),
  }));
  return (
    <>
      <Faults faults={faults} t={t} />
      {shown.isSentTwice && <Notice kind="plain">{t('patients.sent-twice')}</Notice>}
      <h1>{t('patients.search')}</h1>
      <section class="card">
        <PostForm action="/app/patients" csrf={frame.csrf}>
          <Field
            name="text"
            label={t('patients.text')}
            hint={t('patients.text-hint')}
            fault={faultAt(faults, 'text')}
            input={{
              value: asked?.text ?? '',
              autocomplete: 'off',
              spellcheck: false,
              autofocus: !found && faults.length === 0,
            }}
          />
          <DateFields
            name="birth"
            legend={t('patients.birth-date')}
            value={typed ?? fieldsOfDate(asked?.birthDate)}
            fault={faultAt(faults, 'birth-month')}
            t={t}
          />
          <button class="button primary short" type="submit">
            {t('patients.button')}
          </button>
        </PostForm>
      </section>
      {found?.isPartial && <Notice kind="plain">{t('patients.partial')}</Notice>}
      {found && <Hits found={found} today={today} id={shown.id ?? ''} t={t} />}
    </>
  );
}

type HitsProps = Pick<Drawing, 't'> & { readonly found: Found; readonly today: string; readonly id: string };

function Hits({ found, today, id, t }: HitsProps): VNode {
  const add = (
    <a class="button" href={`/app/patients/new?q=${id}`}>
      {t('patients.add')}
    </a>
  );
  if (found.like.length > 0) {
    return (
      <section class="card" aria-live="polite">
        <h2>{t('patients.like')}</h2>
        <p>{t('patients.like-hint')}</p>
        <HitTable people={found.like} today={today} t={t} />
        <p>{add}</p>
      </section>
    );
  }
  if (found.people.length === 0) {
    return (
      <section class="card" aria-live="polite">
        <h2>{t('patients.nobody')}</h2>
        <ul class="plain-list">
          {(['patients.tip-spelling', 'patients.tip-date', 'patients.tip-phone'] as const).map((tip) => (
            <li key={tip}>{t(tip)}</li>
          ))}
        </ul>
        <p>{add}</p>
      </section>
    );
  }
  return (
    <section class="card">
      <h2>{t.count('patients.found', found.people.length)}</h2>
      {found.isMore && <Notice kind="plain">{t('patients.too-many')}</Notice>}
      <HitTable people={found.people} today={today} t={t} />
      <p>{add}</p>
    </section>
  );
}

function HitTable({
  people,
  today,
  t,
}: Pick<Drawing, 't'> & { readonly people: readonly Patient[]; readonly today: string }): VNode {
  const heads = [
    t('patients.name'),
    t('patients.birth-date'),
    t('patients.age'),
    t('patients.sex'),
    t('patients.town'),
    t('patients.mother'),
  ];
  return (
    <div class="as-cards">
      <table role="table">
        <thead>
          <tr role="row">
            {heads.map((head) => (
              <th key={head} scope="col" role="columnheader">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {people.map((patient) => (
            <tr key={patient.id} role="row">
              <th scope="row" role="rowheader">
                <a href={`/app/patients/${patient.id}`}>
                  <bdi>{nameOfPerson(patient)}</bdi>
                </a>
              </th>
              <td role="cell">{patient.birthDate && formatDate(t, patient.birthDate)}</td>
              <td role="cell">{ageWords(t, patient.birthDate, today)}</td>
              <td role="cell">{sexWords(t, patient)}</td>
              <td role="cell">{patient.address?.[0]?.city}</td>
              <td role="cell">{patient.contact?.[0]?.name?.given?.[0]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
