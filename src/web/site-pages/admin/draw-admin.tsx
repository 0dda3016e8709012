import type { VNode } from 'preact';
import type { AdminKind, AdminRow } from '../../../pages/admin-records.ts';
import { Notice } from '../../form-parts.tsx';
import { formatDayOf } from '../../format-date.ts';
import { type Fault, Faults } from '../../parts/faults.tsx';
import type { PageBody } from '../../shell.tsx';
import type { Drawing } from '../../site/site-page.ts';
import { AdminForm, type AdminTyped, type Named } from './admin-form.tsx';
import { faultOf, fieldsOf, titleOfRow, valueWords } from './admin-kinds.ts';
import { AdminTabs } from './admin-tabs.tsx';

export type Shown = {
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

export function draw(kind: AdminKind, shown: Shown, drawing: Drawing): PageBody {
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
