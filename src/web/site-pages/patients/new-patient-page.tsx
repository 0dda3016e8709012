import type { Patient } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { createResource } from '../../../interaction/create-resource.ts';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { Field, PostForm } from '../../form-parts.tsx';
import { type Fault, Faults, faultAt } from '../../parts/faults.tsx';
import { doOnceOr } from '../../site/failed-save.ts';
import type { Visitor } from '../../site/page-door.ts';
import type { Answer, Drawing, SitePage } from '../../site/site-page.ts';
import type { TextKey, Translate } from '../../translate.ts';
import {
  DateFields,
  dateOfFields,
  fieldsOfDate,
  type ThreeFields,
  threeFieldsOf,
} from './birth-date-fields.tsx';
import type { FormFault } from './form-fault.ts';
import { isAsked } from './patients-page.tsx';

/** Somebody who was not found is added, with what was typed to find them. */
export const newPatientPage: SitePage = {
  path: '/app/patients/new',
  name: 'new patient',
  roles: ['clinician'],
  get: async ({ fields, typed, notes }) => {
    const once = await notes.keep({ patient: 'new' });
    if (typed) return show({ ...readForm(typed), once }, []);
    const kept = await notes.read(fields.get('q') ?? '');
    const asked = isAsked(kept) ? kept : undefined;
    const words = (asked?.text ?? '').split(/[\s,]+/).filter((word) => word !== '' && !/\d/.test(word));
    const family = words.length > 1 ? (words.at(-1) ?? '') : '';
    const given = words.slice(0, words.length > 1 ? -1 : undefined).join(' ');
    return show({ ...empty, given, family, birth: fieldsOfDate(asked?.birthDate), once }, []);
  },
  post: async ({ ctx, fields, visitor, notes }) => {
    const form = readForm(fields);
    const today = formatEpochDay(ctx.clock.today());
    const faults = faultsOf(form, today);
    if (faults.length > 0) return show(form, faults);
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

type Form = {
  readonly given: string;
  readonly family: string;
  readonly sex: string;
  readonly mother: string;
  readonly phone: string;
  readonly birth: ThreeFields;
  /** Good once: a form that is sent again adds nobody twice. */
  readonly once: string;
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
  };
}

function faultsOf({ given, family, sex, birth }: Form, today: string): readonly FormFault[] {
  const date = dateOfFields(birth);
  const isWhole = date !== undefined && date !== 'wrong' && date.length === 10;
  const checks: readonly (readonly [boolean, string, TextKey])[] = [
    [given === '', 'given', 'new-patient.need-given'],
    [family === '', 'family', 'new-patient.need-family'],
    [!isWhole, 'birth-month', 'new-patient.need-date'],
    [isWhole && date > today, 'birth-month', 'new-patient.future'],
    [!sexes.some((one) => one === sex), 'sex', 'new-patient.need-sex'],
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

function show(form: Form, faults: readonly FormFault[]): Answer {
  return {
    kind: 'page',
    status: faults.length > 0 ? 422 : 200,
    draw: (drawing) => ({
      title: drawing.t('new-patient.title'),
      narrow: true,
      failed: faults.length > 0,
      content: <NewPatient form={form} faults={toFaults(faults, drawing.t)} {...drawing} />,
    }),
  };
}

function toFaults(faults: readonly FormFault[], t: Translate): readonly Fault[] {
  return faults.map(({ field, key, values }) => ({ field, text: t(key, values) }));
}

function NewPatient({
  form,
  faults,
  t,
  frame,
}: Drawing & { readonly form: Form; readonly faults: readonly Fault[] }): VNode {
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
      <section class="card">
        <PostForm action="/app/patients/new" csrf={frame.csrf} hidden={{ once: form.once }}>
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
