import type { FhirResource } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { isResourceType } from '../../../fhir/resource-type.ts';
import type { InteractionContext } from '../../../interaction/context.ts';
import type { AdminKind, AdminRow } from '../../../pages/admin-records.ts';
import { parseResourceId } from '../../../values/resource-id.ts';
import { Notice } from '../../form-parts.tsx';
import { formatDayOf } from '../../format-date.ts';
import { type Fault, Faults } from '../../parts/faults.tsx';
import type { PageBody } from '../../shell.tsx';
import { doOnce } from '../../site/do-once.ts';
import type { Visit } from '../../site/page-door.ts';
import { type Answer, type Drawing, type SitePage, sitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { AdminForm, type AdminTyped, type Named, nothingTyped, typedIn } from './admin-form.tsx';
import { faultOf, fieldsOf, titleOfRow, valueWords } from './admin-kinds.ts';
import { AdminTabs } from './admin-tabs.tsx';
import { choicesOf, keepForm, nameOf, namesIn, readForm, withPicked } from './named.ts';

type Shown = {
  readonly row?: AdminRow | undefined;
  readonly once?: string;
  readonly typed: AdminTyped;
  /** Codes of what is wrong. */
  readonly faults: readonly string[];
  /** Somebody else has changed it meanwhile: what stands there now is told beside what was typed. */
  readonly isChanged?: boolean;
  /** Made just now, and shown this once. */
  readonly secret?: string;
  readonly isSaved?: boolean;
  /** Named, and not in the registry. */
  readonly absent?: readonly string[];
  readonly named?: Named;
};

/** Makes an account or an app. */
export function adminAddPage(kind: AdminKind): SitePage {
  const path = `/app/admin/${kind}/new` as const;
  return sitePage({
    path,
    name: `admin-${kind}-new`,
    roles: ['administrator'],
    parse: ({ typed, fields }) => ({ typed, which: fields.get('which') }),
    load: async (visit, { typed, which }, { admin }) =>
      admin && {
        typed: (await waitingTyped(visit, kind, { typed, which })) ?? nothingTyped,
        once: await newForm(visit.notes),
      },
    view: (shown, drawing) => draw(kind, { ...shown, faults: [] }, drawing),
    post: async (visit, { admin }): Promise<Answer> => {
      if (!admin) return { kind: 'nothing' };
      const fields = withPicked(visit.fields, kind);
      const asking = await askWhich(visit, kind, { path, fields });
      return (
        asking ?? addOnce(visit, kind, admin, { typed: typedIn(fields, kind), once: fields.get('once') })
      );
    },
  });
}

type Records = NonNullable<SiteServices['admin']>;
type Adding = { readonly typed: AdminTyped; readonly once: string | null };

/** Makes one, however often the form is sent, and leads to it. */
async function addOnce(visit: Visit, kind: AdminKind, admin: Records, form: Adding): Promise<Answer> {
  const { notes } = visit;
  const { typed } = form;
  let faults: readonly string[] = [];
  const add = async () => {
    const outcome = await admin[kind].add(byOf(visit), typed.values, typed.extra);
    if (outcome.kind === 'done') return madeAt(kind, visit, outcome);
    faults = outcome.kind === 'faults' ? outcome.faults : [];
    return nowhere;
  };
  const made = await doOnce(notes, form.once ?? (await newForm(notes)), add);
  if (made.kind !== 'unknown' && made.to !== nowhere) return { kind: 'go', to: made.to };
  const once = await newForm(notes);
  // The first press was refused: the second is told why.
  if (made.kind === 'before') return addOnce(visit, kind, admin, { typed, once });
  const told = made.kind === 'unknown' ? ['form-old'] : faults;
  return again(422, (drawing) => draw(kind, { typed, once, faults: told }, drawing));
}

/** Where a form led that was refused. */
const nowhere = '';

function newForm(notes: Visit['notes']): Promise<string> {
  return notes.keep({ admin: 'new' });
}

/** Changes an account or an app, or ends it. */
export function adminEditPage(kind: AdminKind): SitePage {
  return sitePage({
    path: `/app/admin/${kind}/:id`,
    name: `admin-${kind}-one`,
    roles: ['administrator'],
    parse: ({ params, fields, typed }) => ({
      id: params['id'] ?? '',
      note: fields.get('q'),
      isSaved: fields.has('saved'),
      typed,
      which: fields.get('which'),
    }),
    load: async (visit, { id, note, isSaved, typed, which }, { admin }): Promise<Shown | undefined> => {
      const { ctx, notes } = visit;
      const row = await admin?.[kind].read(id);
      if (!row) return undefined;
      const secret = note === null ? undefined : await notes.take(note);
      return {
        row,
        typed: (await waitingTyped(visit, kind, { typed, which })) ?? kept(row),
        faults: [],
        isSaved,
        ...(await calledIn(ctx, row)),
        ...(typeof secret === 'string' && { secret }),
      };
    },
    view: (shown, drawing) => draw(kind, shown, drawing),
    post: (visit, services) => change(kind, visit, services),
  });
}

async function change(kind: AdminKind, visit: Visit, { admin }: SiteServices): Promise<Answer> {
  const id = visit.params['id'] ?? '';
  const row = await admin?.[kind].read(id);
  if (!admin || !row) return { kind: 'nothing' };
  const fields = withPicked(visit.fields, kind);
  const asking = await askWhich(visit, kind, { path: `/app/admin/${kind}/${id}`, fields });
  if (asking) return asking;
  const typed = typedIn(fields, kind);
  const target = { id, version: visit.fields.get('version') ?? '' };
  const outcome = await admin[kind].change(byOf(visit), target, typed.values, typed.extra);
  switch (outcome.kind) {
    case 'done':
      return { kind: 'go', to: await madeAt(kind, visit, outcome) };
    case 'nothing':
      return { kind: 'nothing' };
    case 'faults':
      return again(422, (drawing) => draw(kind, { row, typed, faults: outcome.faults }, drawing));
    case 'changed': {
      const now = await admin[kind].read(id);
      return again(409, (drawing) => draw(kind, { row: now, typed, faults: [], isChanged: true }, drawing));
    }
  }
}

function byOf({ visitor, from }: Visit) {
  return { login: visitor.login, from };
}

function kept({ values, isDisabled }: AdminRow): AdminTyped {
  return { values, extra: { ...nothingTyped.extra, isDisabled } };
}

/** What was made is kept for the session, so that it stands in no URL and is shown once. */
async function madeAt(
  kind: AdminKind,
  { notes }: Visit,
  { id, secret }: { readonly id: string; readonly secret?: string },
): Promise<string> {
  const shown = secret === undefined ? '' : `&q=${await notes.keep(secret)}`;
  return `/app/admin/${kind}/${id}?saved=1${shown}`;
}

function again(status: number, drawn: (drawing: Drawing) => PageBody): Answer {
  return { kind: 'page', status, draw: (drawing) => ({ ...drawn(drawing), failed: true }) };
}

type Waiting = { readonly typed: URLSearchParams | undefined; readonly which: string | null };

/** What was typed when the session ended, or before somebody was asked who is meant by a name. */
async function waitingTyped(
  { ctx, notes }: Visit,
  kind: AdminKind,
  { typed, which }: Waiting,
): Promise<AdminTyped | undefined> {
  const fields = typed ?? (await readForm(notes, which));
  if (!fields) return undefined;
  return { ...typedIn(fields, kind), choices: typed ? [] : await choicesOf(ctx, kind, fields) };
}

/** People are looked for by GET alone, which is told in the audit with all whom it showed. */
async function askWhich(
  { ctx, notes }: Visit,
  kind: AdminKind,
  { path, fields }: { readonly path: string; readonly fields: URLSearchParams },
): Promise<Answer | undefined> {
  if ((await namesIn(ctx, kind, fields)).length === 0) return undefined;
  return { kind: 'go', to: `${path}?which=${await keepForm(notes, fields)}` };
}

/** How those are called whom it names; who is not there: it can do less than somebody may think. */
async function calledIn(
  ctx: InteractionContext,
  { values }: AdminRow,
): Promise<{ readonly absent: readonly string[]; readonly named: Named }> {
  const lines = (field: string, type: string) =>
    (values[field] ?? '')
      .split('\n')
      .flatMap((id) => (id === '' ? [] : [{ field, reference: `${type}/${id}` }]));
  const all = [
    ...lines('organization', 'Organization'),
    ...lines('related', 'RelatedPerson'),
    ...lines('group', 'Group'),
    ...(values['person'] ? [{ field: 'person', reference: values['person'] }] : []),
  ];
  const absent: string[] = [];
  const named: Record<string, string[]> = {};
  for (const { field, reference } of all.slice(0, 50)) {
    const [type = '', text = ''] = reference.split('/');
    const id = parseResourceId(text);
    const found = id !== undefined && isResourceType(type) ? await ctx.view.read({ type, id }) : undefined;
    if (!found) absent.push(reference);
    if (found?.text === undefined) continue;
    const name = nameOf(JSON.parse(found.text) as FhirResource);
    named[field] = [...(named[field] ?? []), `${text}: ${name}`];
  }
  return { absent, named };
}

function draw(kind: AdminKind, shown: Shown, drawing: Drawing): PageBody {
  const { t, frame } = drawing;
  const { row, once, typed, isChanged = false } = shown;
  const title = row ? titleOfRow(kind, row) : t(`admin.add-${kind}`);
  const faults: readonly Fault[] = isChanged
    ? [{ text: t('problem.changed') }]
    : [...whichFaults(typed, t), ...shown.faults.map((code) => faultOf(t, code))];
  const action = `/app/admin/${kind}/${row ? row.id : 'new'}`;
  return {
    title,
    narrow: true,
    content: (
      <>
        <Faults faults={faults} t={t} />
        <AdminTabs here={kind} role={frame.user?.role} t={t} />
        <Told kind={kind} shown={shown} drawing={drawing} />
        <div class="page-head">
          <h1>{title}</h1>
          {row && <p class="quiet">{factsOf(kind, row, drawing)}</p>}
        </div>
        {isChanged && row && <Present kind={kind} row={row} drawing={drawing} />}
        <section class="card">
          <AdminForm
            kind={kind}
            action={action}
            row={row}
            once={once}
            typed={typed}
            faults={faults}
            named={shown.named}
            drawing={drawing}
          />
        </section>
      </>
    ),
  };
}

/** What must be chosen before anything is saved. */
function whichFaults({ choices = [] }: AdminTyped, t: Drawing['t']): readonly Fault[] {
  const nths = new Map<string, number>();
  return choices.map(({ field, text, meant }) => {
    const nth = nths.get(field) ?? 0;
    nths.set(field, nth + 1);
    return {
      field: `pick-${field}-${nth}`,
      text: t(meant.length === 0 ? 'admin.none-named' : 'admin.which', { text }),
    };
  });
}

function factsOf(kind: AdminKind, { id, lastSignIn, hasSecondFactor }: AdminRow, { t }: Drawing): string {
  if (kind === 'clients') return t('admin.client-id', { id });
  const seen =
    lastSignIn === undefined
      ? t('admin.never-seen')
      : t('admin.last-seen', { date: formatDayOf(t, lastSignIn) });
  return `${seen} ${t(hasSecondFactor ? 'admin.with-code' : 'admin.without-code')}`;
}

type TellProps = { readonly kind: AdminKind; readonly shown: Shown; readonly drawing: Drawing };

/** What came of the form, and what the one who sent it should know. */
function Told({ kind, shown, drawing: { t } }: TellProps): VNode {
  const { secret, isSaved = false, absent = [], row } = shown;
  return (
    <>
      {isSaved && (
        <Notice kind="good">
          <p>{t('admin.saved')}</p>
          {secret !== undefined && (
            <>
              <p>{t(kind === 'users' ? 'admin.password-once' : 'admin.secret-once')}</p>
              <p class="secret">
                <code>{secret}</code>
              </p>
            </>
          )}
        </Notice>
      )}
      {row?.isIdle && !row.isDisabled && (
        <Notice kind="plain">
          <p>{t(`admin.idle-${kind}`)}</p>
        </Notice>
      )}
      {absent.length > 0 && (
        <Notice kind="plain">
          <p>{t('admin.absent', { names: t.list(absent) })}</p>
        </Notice>
      )}
    </>
  );
}

type PresentProps = { readonly kind: AdminKind; readonly row: AdminRow; readonly drawing: Drawing };

/** What somebody else has made of it; what was typed stands in the form below. */
function Present({ kind, row, drawing: { t } }: PresentProps): VNode {
  return (
    <section class="card">
      <h2>{t('admin.present')}</h2>
      <dl class="facts">
        {fieldsOf[kind].flatMap((field) => {
          const value = row.values[field.name] ?? '';
          return value === ''
            ? []
            : [
                <dt key={`${field.name}-t`}>{t(field.label)}</dt>,
                <dd key={field.name}>{valueWords(t, field, value)}</dd>,
              ];
        })}
        <dt>{t('admin.state')}</dt>
        <dd>{t(row.isDisabled ? 'admin.disabled' : 'admin.enabled')}</dd>
      </dl>
      <p class="quiet">{t('admin.present-text')}</p>
    </section>
  );
}
