import type { Patient } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { createResource } from '../../../interaction/create-resource.ts';
import type { PersonLike } from '../../../registry/matching/people-like.ts';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { Field, PostForm } from '../../form-parts.tsx';
import { type Fault, Faults, faultAt } from '../../parts/faults.tsx';
import { doOnceOr } from '../../site/failed-save.ts';
import type { SessionNotes, Visit, Visitor } from '../../site/page-door.ts';
import type { Answer, Drawing, SitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import type { TextKey, Translate } from '../../translate.ts';
import { AlikePeople } from './alike-people.tsx';
import type { Asked } from './asked-person.ts';
import {
  DateFields,
  dateOfFields,
  fieldsOfDate,
  type ThreeFields,
  threeFieldsOf,
} from './birth-date-fields.tsx';
import type { FormFault } from './form-fault.ts';
import { isAsked } from './patients-page.tsx';
import { sureNames, TypedName } from './typed-name.tsx';

/** Somebody who was not found is added, with what was typed to find them. */
export const newPatientPage: SitePage = {
  path: '/app/patients/new',
  name: 'new patient',
  roles: ['clinician'],
  get: async (visit, services) => {
    const { fields, typed, notes } = visit;
    const waiting = await readWaiting(notes, fields.get('alike'));
    if (waiting) return showAlike(visit, waiting, services);
    const once = await notes.keep({ patient: 'new' });
    if (typed) return show({ ...readForm(typed), once, q: '' }, []);
    const q = fields.get('q') ?? '';
    const asked = await askedIn(notes, q);
    const sure = sureNames(asked?.text ?? '', fields.get('name'));
    const form = { ...empty, ...sure, birth: fieldsOfDate(asked?.birthDate), once, q };
    return show(form, [], { typed: asked?.text });
  },
  post: async ({ ctx, fields, visitor, notes }, services) => {
    const form = readForm(fields);
    const today = formatEpochDay(ctx.clock.today());
    const faults = faultsOf(form, today);
    const typed = (await askedIn(notes, form.q))?.text;
    if (faults.length > 0) return show(form, faults, { typed });
    const isSure = fields.get('sure') === 'yes' || (await isSent(notes, form.once));
    const isAlike = !isSure && (await services.peopleLike(ctx, [toPatient(form, visitor)])).length > 0;
    if (isAlike) return { kind: 'go', to: `/app/patients/new?alike=${await keepWaiting(notes, fields)}` };
    const resource = toPatient(form, visitor);
    // Whoever sends it again is led to who was added, and adds nobody twice.
    const add = async () => {
      const { version } = await createResource(ctx, { resource: resource as never, exactNumbers: false });
      return `/app/patients/${version.id}`;
    };
    const added = await doOnceOr(notes, form.once, add);
    if ('fault' in added) return show(form, [added.fault]);
    if (added.kind === 'unknown') return { kind: 'go', to: '/app/patients?sent-twice=1' };
    return { kind: 'go', to: `${added.to}?${added.kind === 'done' ? 'added' : 'added-before'}=1` };
  },
};

async function askedIn(notes: SessionNotes, q: string): Promise<Asked | undefined> {
  const kept = await notes.read(q);
  return isAsked(kept) ? kept : undefined;
}

/** A form that comes again is not compared with whom it has added. */
async function isSent(notes: SessionNotes, once: string): Promise<boolean> {
  const note = await notes.read(once);
  return typeof note !== 'object' || note === null || !('patient' in note);
}

/** A form waits for somebody to say that the patient is none of those who are there. */
function keepWaiting(notes: SessionNotes, fields: URLSearchParams): Promise<string> {
  const { once, birth, q: _, ...texts } = readForm(fields);
  return notes.keep({ newPatient: { ...texts, once, ...fieldsOfBirth(birth) } });
}

async function readWaiting(notes: SessionNotes, id: string | null): Promise<Form | undefined> {
  const note = id === null ? undefined : await notes.read(id);
  if (typeof note !== 'object' || note === null || !('newPatient' in note)) return undefined;
  return readForm(new URLSearchParams(note.newPatient as Readonly<Record<string, string>>));
}

function fieldsOfBirth({ year, month, day }: ThreeFields): Readonly<Record<string, string>> {
  return { 'birth-year': year, 'birth-month': month, 'birth-day': day };
}

/** Who is like the patient stands first, as they are by now. */
async function showAlike({ ctx, visitor }: Visit, form: Form, { peopleLike }: SiteServices): Promise<Answer> {
  return show(form, [], { alike: await peopleLike(ctx, [toPatient(form, visitor)]) });
}

type Form = {
  readonly given: string;
  readonly family: string;
  readonly sex: string;
  readonly mother: string;
  readonly phone: string;
  readonly birth: ThreeFields;
  /** Good once: a form that is sent again adds nobody twice. */
  readonly once: string;
  /** What was typed to find the patient, as the session keeps it. */
  readonly q: string;
};

/** What nobody has typed yet. */
const empty = { given: '', family: '', sex: '', mother: '', phone: '' } as const;
const sexes = ['female', 'male', 'other', 'unknown'] as const;

function readForm(fields: URLSearchParams): Form {
  const text = (name: string) => (fields.get(name) ?? '').trim().slice(0, 200);
  return {
    given: text('given'),
    family: text('family'),
    sex: text('sex'),
    mother: text('mother'),
    phone: text('phone'),
    birth: threeFieldsOf(fields, 'birth'),
    once: text('once'),
    q: text('q'),
  };
}

/** By anything else nobody is found again, and no two are told apart. */
const hasLetter = (name: string) => /\p{L}/u.test(name);

/** With its area code, or none at all; what stands beside, such as an extension, is theirs. */
function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  return text === '' || (digits >= 7 && digits <= 20);
}

/** Nobody has lived longer than 122 years: the century is another one. */
const longestLife = 125;

function isTooOld(date: string, today: string): boolean {
  return Number(date.slice(0, 4)) < Number(today.slice(0, 4)) - longestLife;
}

function faultsOf({ given, family, sex, mother, phone, birth }: Form, today: string): readonly FormFault[] {
  const date = dateOfFields(birth);
  const isWhole = date !== undefined && date !== 'wrong' && date.length === 10;
  const checks: readonly (readonly [boolean, string, TextKey])[] = [
    [!hasLetter(given), 'given', 'new-patient.need-given'],
    [!hasLetter(family), 'family', 'new-patient.need-family'],
    [!isWhole, 'birth-month', 'new-patient.need-date'],
    [isWhole && date > today, 'birth-month', 'new-patient.future'],
    [isWhole && isTooOld(date, today), 'birth-month', 'new-patient.too-old'],
    [!sexes.some((one) => one === sex), 'sex', 'new-patient.need-sex'],
    [mother !== '' && !hasLetter(mother), 'mother', 'new-patient.need-letters'],
    [!isPhone(phone), 'phone', 'new-patient.wrong-phone'],
  ];
  return checks.flatMap(([isWrong, field, key]) => (isWrong ? [{ field, key }] : []));
}

/** The clinic of who adds the patient cares for the patient. */
function toPatient({ given, family, sex, mother, phone, birth }: Form, visitor: Visitor): Patient {
  const [organization] = visitor.organizations;
  const telecom =
    phone === '' ? undefined : [{ system: 'phone' as const, value: phone, use: 'home' as const }];
  return {
    resourceType: 'Patient',
    active: true,
    name: [{ use: 'official', family, given: given.split(/\s+/) }],
    gender: sex as NonNullable<Patient['gender']>,
    birthDate: dateOfFields(birth) ?? '',
    ...(telecom && { telecom }),
    ...(mother !== '' && {
      contact: [
        {
          relationship: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
                  code: 'MTH',
                  display: 'mother',
                },
              ],
            },
          ],
          name: { given: [mother] },
        },
      ],
    }),
    ...(organization !== undefined && {
      managingOrganization: { reference: `Organization/${organization}` },
    }),
  };
}

type Beside = { readonly alike?: readonly PersonLike[]; readonly typed?: string | undefined };

function show(form: Form, faults: readonly FormFault[], { alike = [], typed }: Beside = {}): Answer {
  return {
    kind: 'page',
    status: faults.length > 0 ? 422 : 200,
    draw: (drawing) => ({
      title: drawing.t('new-patient.title'),
      narrow: true,
      failed: faults.length > 0,
      content: (
        <NewPatient
          form={form}
          faults={toFaults(faults, drawing.t)}
          alike={alike}
          typed={typed}
          {...drawing}
        />
      ),
    }),
  };
}

function toFaults(faults: readonly FormFault[], t: Translate): readonly Fault[] {
  return faults.map(({ field, key, values }) => ({ field, text: t(key, values) }));
}

type NewPatientProps = Drawing & {
  readonly form: Form;
  readonly faults: readonly Fault[];
  readonly alike: readonly PersonLike[];
  readonly typed: string | undefined;
};

function NewPatient({ form, faults, alike, typed, t, frame }: NewPatientProps): VNode {
  const { birth, ...texts } = form;
  const field = (name: 'given' | 'family' | 'mother' | 'phone') => (
    <Field
      name={name}
      label={t(`new-patient.${name}`)}
      fault={faultAt(faults, name)}
      input={{ value: form[name], autocomplete: 'off' }}
    />
  );
  return (
    <>
      <Faults faults={faults} t={t} />
      <h1>{t('new-patient.title')}</h1>
      {alike.length > 0 && (
        <AlikePeople people={alike} csrf={frame.csrf} form={{ ...texts, ...fieldsOfBirth(birth) }} t={t} />
      )}
      <section class="card">
        {alike.length > 0 && <h2>{t('new-patient.put-right')}</h2>}
        {typed !== undefined && <TypedName text={typed} q={form.q} t={t} />}
        <PostForm action="/app/patients/new" csrf={frame.csrf} hidden={{ once: form.once, q: form.q }}>
          {field('given')}
          {field('family')}
          <DateFields
            name="birth"
            legend={t('patients.birth-date')}
            value={form.birth}
            fault={faultAt(faults, 'birth-month')}
            t={t}
          />
          <div class={faultAt(faults, 'sex') ? 'field wrong' : 'field'}>
            <label for="sex">{t('patients.sex')}</label>
            <select id="sex" name="sex">
              <option value="" />
              {sexes.map((sex) => (
                <option key={sex} value={sex} selected={sex === form.sex}>
                  {t(`sex.${sex}`)}
                </option>
              ))}
            </select>
          </div>
          {field('mother')}
          {field('phone')}
          <button class="button primary" type="submit">
            {t('new-patient.save')}
          </button>
        </PostForm>
      </section>
    </>
  );
}
