import type { VNode } from 'preact';
import type { AccessShown, SeenPage } from '../../pages/auth-pages.ts';
import { actorWords, reasonWords } from '../audit-words.ts';
import { formatMoment } from '../format-date.ts';
import { Icon } from '../icon.tsx';
import type { View } from '../render-page.ts';
import { roleName } from '../role-name.ts';
import { parseTextKey, type Translate } from '../translate.ts';

/** Who looked at a record, in words; what was opened in an emergency stands out. */
export const seenPage: View<SeenPage> = ({ person, rows, next }, t) => {
  const title = t('seen.title', { person: person.name });
  return {
    title,
    record: person.id,
    content: (
      <>
        <div class="page-head">
          <h1>{title}</h1>
          <p class="quiet">{t('seen.question')}</p>
        </div>
        <section class="card">
          {rows.length === 0 ? <p>{t('seen.none')}</p> : <Rows rows={rows} t={t} />}
        </section>
        {next !== undefined && (
          <p>
            <a class="button" href={next}>
              {t('seen.next')}
            </a>
          </p>
        )}
      </>
    ),
  };
};

function Rows({ rows, t }: { readonly rows: readonly AccessShown[]; readonly t: Translate }): VNode {
  return (
    <div class="as-cards">
      <table role="table">
        <thead>
          <tr role="row">
            {(['seen.when', 'seen.who', 'seen.what', 'seen.why'] as const).map((key) => (
              <th key={key} scope="col" role="columnheader">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, nth) => (
            <Row key={`${nth}`} row={row} t={t} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, t }: { readonly row: AccessShown; readonly t: Translate }): VNode {
  const { when, who, role, organization, app } = row;
  const from = [role === undefined ? undefined : roleName(t, role), organization].filter(Boolean).join(' · ');
  return (
    <tr role="row">
      <td role="cell">{formatMoment(t, when)}</td>
      <th scope="row" role="rowheader">
        {actorWords(t, who)}
        {from !== '' && <div class="quiet small">{from}</div>}
        {app !== undefined && <div class="quiet small">{t('seen.app', { app })}</div>}
      </th>
      <td role="cell">
        {t(parseTextKey(`what.${row.what}`) ?? 'what.other')}
        {row.refused && <div class="quiet small">{t('seen.refused')}</div>}
        {row.breakGlass && <BreakGlass t={t} />}
      </td>
      <td role="cell">{row.why === undefined ? '' : reasonWords(t, row.why)}</td>
    </tr>
  );
}

function BreakGlass({ t }: { readonly t: Translate }): VNode {
  return (
    <div>
      <span class="chip bad">
        <Icon of="alert" />
        {t('seen.break-glass')}
      </span>
      <p class="small">{t('seen.break-glass-hint')}</p>
    </div>
  );
}
