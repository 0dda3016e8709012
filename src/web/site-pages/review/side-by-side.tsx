import type { VNode } from 'preact';
import type { Translate } from '../../translate.ts';

/** One line of two records: what each says. */
export type Line = {
  readonly name: string;
  readonly newer: readonly string[];
  readonly known: readonly string[];
};

type TableProps = {
  readonly caption: string;
  readonly heads: readonly [string, string];
  readonly lines: readonly Line[];
  readonly t: Translate;
};

/** Two records beside each other: what differs is marked, and told to who does not see the mark. */
export function SideBySide({ caption, heads, lines, t }: TableProps): VNode {
  const shown = lines.filter(({ newer, known }) => newer.length > 0 || known.length > 0);
  return (
    <div class="as-cards">
      <table role="table" class="two-sides">
        <caption class="out-of-sight">{caption}</caption>
        <thead>
          <tr role="row">
            <th scope="col" role="columnheader">
              {t('review.field')}
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" role="columnheader">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <Row key={line.name} line={line} heads={heads} t={t} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type RowProps = { readonly line: Line; readonly heads: readonly [string, string]; readonly t: Translate };

function Row({ line: { name, newer, known }, heads, t }: RowProps): VNode {
  const differs = isOther(newer, known);
  return (
    <tr role="row" class={differs ? 'differs' : undefined}>
      <th scope="row" role="rowheader">
        {name}
        {differs && (
          <>
            {' '}
            <span class="unequal" aria-hidden="true">
              ≠
            </span>
            <span class="out-of-sight">{t('review.differs')}</span>
          </>
        )}
      </th>
      {[newer, known].map((values, side) => (
        <td key={heads[side]} role="cell">
          <span class="card-label">{heads[side]}</span>
          {values.length === 0 ? (
            <span class="quiet">{t('review.nothing')}</span>
          ) : (
            values.map((value) => <div key={value}>{value}</div>)
          )}
        </td>
      ))}
    </tr>
  );
}

function isOther(newer: readonly string[], known: readonly string[]): boolean {
  const fold = (values: readonly string[]) =>
    values
      .map((value) => value.toLowerCase())
      .sort()
      .join('\n');
  return fold(newer) !== fold(known);
}
