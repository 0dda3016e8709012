import type { Task } from 'fhir/r4.js';
import type { VNode } from 'preact';
import {
  type RecordReport,
  reportRecord,
  reportsOf,
} from '../../../registry/record-reports/report-record.ts';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { parsePartialDate } from '../../../values/partial-date.ts';
import { Field, Notice, PostForm } from '../../form-parts.tsx';
import { formatDate, formatDayOf } from '../../format-date.ts';
import { type Fault, Faults, faultAt } from '../../parts/faults.tsx';
import { firstNameOf } from '../../person-words.ts';
import { doOnceOr } from '../../site/failed-save.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Answer, Drawing, SitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { vaccineLang, vaccineWords } from '../../titles/titles.tsx';
import { parseTextKey, type Translate } from '../../translate.ts';
import { doseDate } from '../../words.ts';
import { isBeforeBirth } from '../patients/before-birth.ts';
import { DateFields, dateOfFields, type ThreeFields, threeFieldsOf } from '../patients/birth-date-fields.tsx';
import type { FormFault } from '../patients/form-fault.ts';
import { loadOwnRecord, type OwnRecord, ownPersonIn } from './load-record.ts';

/** A shot that is missing or wrong, told to the clinic; and what became of it. */
export const reportPage: SitePage = {
  path: '/app/record/:id/report',
  name: 'report',
  get: async (visit, services) => {
    const typed = visit.typed ?? new URLSearchParams();
    const once = await visit.notes.keep({ report: 'new' });
    return show(visit, services, { form: { ...readForm(typed), once }, faults: [] });
  },
  post: async (visit, services) => {
    const id = ownPersonIn(visit);
    if (id === undefined) return { kind: 'nothing' };
    const form = readForm(visit.fields);
    const { view, clinic } = await loadOwnRecord(visit, id, services);
    const { birthDate } = view.patient;
    const faults = faultsOf(form, { today: formatEpochDay(visit.ctx.clock.today()), birthDate });
    if (faults.length > 0) return show(visit, services, { form, faults });
    const dose = view.groups.flatMap(({ doses }) => doses).find((one) => one.id === form.dose);
    const date = dateOfFields(form.date);
    const report: RecordReport = {
      patient: id,
      kind: form.kind === 'wrong' ? 'wrong' : 'missing',
      vaccine: form.vaccine === '' ? (dose?.vaccine ?? '') : form.vaccine,
      place: form.place,
      text: form.text,
      ...(dose && { dose: dose.id }),
      ...(date !== undefined && { date }),
      ...(clinic && { clinic: `Organization/${clinic.id}` }),
    };
    const sent = `/app/record/${id}/report?sent=1`;
    // Who presses twice has told it once.
    const tell = async () => {
      await reportRecord(visit.ctx, report);
      return sent;
    };
    const told = await doOnceOr(visit.notes, form.once, tell);
    if ('fault' in told) return show(visit, services, { form, faults: [told.fault] });
    if (told.kind !== 'unknown') return { kind: 'go', to: sent };
    const once = await visit.notes.keep({ report: 'new' });
    const again = [{ field: 'content', key: 'report.again' }] as const;
    return show(visit, services, { form: { ...form, once }, faults: again });
  },
};

type Form = {
  readonly kind: string;
  readonly dose: string;
  readonly vaccine: string;
  readonly date: ThreeFields;
  readonly place: string;
  readonly text: string;
  /** Good once: a form that is sent again tells nothing twice. */
  readonly once: string;
};

function readForm(fields: URLSearchParams): Form {
  const text = (name: string, most = 200) => (fields.get(name) ?? '').trim().slice(0, most);
  return {
    kind: text('kind') || 'missing',
    dose: text('dose'),
    vaccine: text('vaccine'),
    date: threeFieldsOf(fields, 'given'),
    place: text('place'),
    text: text('text', 1000),
    once: text('once'),
  };
}

type Days = { readonly today: string; readonly birthDate: string | undefined };

function faultsOf({ vaccine, dose, date }: Form, { today, birthDate }: Days): readonly FormFault[] {
  const faults: FormFault[] = [];
  if (vaccine === '' && dose === '') faults.push({ field: 'vaccine', key: 'report.need-vaccine' });
  const day = dateOfFields(date);
  if (day === 'wrong') faults.push({ field: 'given-month', key: 'report.wrong-date' });
  // As far as it is told: of a month, its first day.
  else if (day !== undefined && day > today) faults.push({ field: 'given-month', key: 'report.future' });
  else if (day !== undefined && isBeforeBirth(day, birthDate)) {
    faults.push({ field: 'given-month', key: 'report.before-birth' });
  }
  return faults;
}

type Shown = { readonly form: Form; readonly faults: readonly FormFault[] };

async function show(visit: Visit, services: SiteServices, shown: Shown): Promise<Answer> {
  const id = ownPersonIn(visit);
  if (id === undefined) return { kind: 'nothing' };
  const own = await loadOwnRecord(visit, id, services);
  const reports = await reportsOf(visit.ctx, id);
  const isSent = visit.fields.has('sent');
  return {
    kind: 'page',
    status: shown.faults.length > 0 ? 422 : 200,
    draw: (drawing) => ({
      title: drawing.t('report.title'),
      narrow: true,
      record: id,
      failed: shown.faults.length > 0,
      content: <Report shown={shown} own={own} reports={reports} isSent={isSent} {...drawing} />,
    }),
  };
}

type ReportProps = Drawing & {
  readonly shown: Shown;
  readonly own: OwnRecord;
  readonly reports: readonly Task[];
  readonly isSent: boolean;
};

function Report({ shown, own, reports, isSent, t, frame }: ReportProps): VNode {
  const faults: readonly Fault[] = shown.faults.map(({ field, key, values }) => ({
    field,
    text: t(key, values),
  }));
  const { view, clinic } = own;
  return (
    <>
      <Faults faults={faults} t={t} />
      {isSent && <Notice kind="good">{t('report.sent')}</Notice>}
      <div class="page-head">
        <h1>{t('report.title')}</h1>
        <p class="quiet">
          {firstNameOf(view.patient)}.{' '}
          {clinic?.name ? t('report.who', { clinic: clinic.name }) : t('report.who-registry')}
        </p>
      </div>
      {reports.length > 0 && <Before reports={reports} t={t} />}
      <section class="card">
        <PostForm
          action={`/app/record/${own.id}/report`}
          csrf={frame.csrf}
          hidden={{ once: shown.form.once }}
        >
          <Kinds form={shown.form} t={t} />
          <DoseChoice own={own} chosen={shown.form.dose} t={t} />
          <Field
            name="vaccine"
            label={t('report.vaccine')}
            hint={t('report.vaccine-hint')}
            fault={faultAt(faults, 'vaccine')}
            input={{ value: shown.form.vaccine, autocomplete: 'off' }}
          />
          <DateFields
            name="given"
            legend={t('report.date')}
            value={shown.form.date}
            fault={faultAt(faults, 'given-month')}
            t={t}
          />
          <Field name="place" label={t('report.place')} input={{ value: shown.form.place }} />
          <div class="field">
            <label for="text">{t('report.text')}</label>
            <textarea id="text" name="text" rows={3} maxLength={1000}>
              {shown.form.text}
            </textarea>
          </div>
          <button class="button primary" type="submit">
            {t('report.send')}
          </button>
        </PostForm>
      </section>
    </>
  );
}

function Kinds({ form, t }: { readonly form: Form; readonly t: Translate }): VNode {
  return (
    <fieldset>
      <legend>{t('report.kind')}</legend>
      {(['missing', 'wrong'] as const).map((kind) => (
        <div key={kind} class="choice">
          <input type="radio" id={`kind-${kind}`} name="kind" value={kind} checked={form.kind === kind} />
          <label for={`kind-${kind}`}>{t(`report.kind.${kind}`)}</label>
        </div>
      ))}
    </fieldset>
  );
}

/** A combination stands in several groups, and once here. */
function DoseChoice({
  own,
  chosen,
  t,
}: {
  readonly own: OwnRecord;
  readonly chosen: string;
  readonly t: Translate;
}): VNode {
  const doses = new Map(
    own.view.groups.flatMap((group) => group.doses.map((dose) => [dose.id, dose] as const)),
  );
  return (
    <div class="field">
      <label for="dose">{t('report.dose')}</label>
      <select id="dose" name="dose">
        <option value="">{t('report.dose-none')}</option>
        {[...doses.values()].map((dose) => (
          <option
            key={dose.id}
            value={dose.id}
            selected={dose.id === chosen}
            {...vaccineLang(t, dose.vaccine)}
          >
            {`${vaccineWords(t, dose.vaccine)}, ${doseDate(t, dose)}`}
          </option>
        ))}
      </select>
    </div>
  );
}

export function reportStatus(t: Translate, { status }: Task): string {
  return t(parseTextKey(`report.status.${status}`) ?? 'report.status.other');
}

function Before({ reports, t }: { readonly reports: readonly Task[]; readonly t: Translate }): VNode {
  return (
    <section class="card">
      <h2>{t('report.before')}</h2>
      <ul class="lines">
        {reports.map((task) => (
          <li key={task.id}>
            {t('report.line', { date: formatDayOf(t, task.authoredOn ?? ''), text: saidIn(t, task) })}{' '}
            <b>{reportStatus(t, task)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What somebody said, without what kind of report it is: the vaccine first, then the day where it was told. */
export function saidIn(t: Translate, { description = '' }: Task): string {
  const [vaccine = '', ...rest] = description.replace(/^(?:missing|wrong): /, '').split('; ');
  const [day = '', ...others] = rest;
  const told = parsePartialDate(day) ? [formatDate(t, day), ...others] : rest;
  return [vaccineWords(t, vaccine), ...told].join('; ');
}
