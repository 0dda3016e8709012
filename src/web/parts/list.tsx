import type { ComponentChildren, VNode } from 'preact';
import { Field } from '../form-parts.tsx';
import type { Translate } from '../translate.ts';
import { type ListQuery, withQuery } from './list-query.ts';

export type Column<Row> = {
  readonly key: string;
  readonly head: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** What the file has; without it the column is none of the file's. */
  readonly text?: (row: Row) => string;
  readonly isSortable?: boolean;
  readonly isNumber?: boolean;
};

type ListProps<Row> = {
  readonly caption: string;
  readonly columns: readonly [Column<Row>, ...Column<Row>[]];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** The path of the page. */
  readonly path: string;
  readonly query: ListQuery;
  /** The cursor of the rows behind these; absent: these are the last. */
  readonly next?: string | undefined;
  readonly empty: ComponentChildren;
  readonly t: Translate;
};

/** A table of a page: sorted, paged and saved as CSV by its URL alone. */
export function List<Row>(props: ListProps<Row>): VNode {
  const { caption, columns, rows, keyOf, path, query, next, empty, t } = props;
  if (rows.length === 0 && query.after === undefined) return <div class="stack">{empty}</div>;
  const [first, ...others] = columns;
  return (
    <div class="stack">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be scrolled by keys too */}
      <section class="as-cards wide" aria-label={caption} tabIndex={0}>
        <table role="table">
          <caption class="out-of-sight">{caption}</caption>
          <thead>
            <tr role="row">
              {columns.map((column) => (
                <Head key={column.key} column={column} path={path} query={query} t={t} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)} role="row">
                <th scope="row" role="rowheader">
                  {first.cell(row)}
                </th>
                {others.map((column) => (
                  <td key={column.key} role="cell" class={column.isNumber ? 'number' : undefined}>
                    <Labelled head={column.head}>{column.cell(row)}</Labelled>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <nav class="pages" aria-label={t('list.pages')}>
        {query.after !== undefined && (
          <a class="button" href={withQuery(path, query, { after: undefined })}>
            {t('list.first')}
          </a>
        )}
        {next !== undefined && (
          <a class="button" href={withQuery(path, query, { after: next })}>
            {t('list.next')}
          </a>
        )}
        <a href={withQuery(path, query, { after: undefined, format: 'csv' })} download>
          {t('list.csv')}
        </a>
      </nav>
    </div>
  );
}

/** Where rows are cards, each value says what it is. */
function Labelled({
  head,
  children,
}: {
  readonly head: string;
  readonly children?: ComponentChildren;
}): VNode {
  const isEmpty = children === undefined || children === null || children === '';
  return (
    <>
      {!isEmpty && <span class="card-label">{head}</span>}
      {children}
    </>
  );
}

type HeadProps<Row> = {
  readonly column: Column<Row>;
  readonly path: string;
  readonly query: ListQuery;
  readonly t: Translate;
};

function Head<Row>({ column, path, query, t }: HeadProps<Row>): VNode {
  const { key, head, isSortable, isNumber } = column;
  const isUp = query.sort === key;
  const isDown = query.sort === `-${key}`;
  const sorted = isUp ? 'ascending' : isDown ? 'descending' : undefined;
  return (
    <th scope="col" role="columnheader" aria-sort={sorted} class={isNumber ? 'number' : undefined}>
      {isSortable ? (
        <a href={withQuery(path, query, { after: undefined, sort: isUp ? `-${key}` : key })}>
          {head}
          <span aria-hidden="true">{isUp ? ' ↑' : isDown ? ' ↓' : ''}</span>
          <span class="out-of-sight"> {t('list.sort')}</span>
        </a>
      ) : (
        head
      )}
    </th>
  );
}

type FilterProps = {
  readonly path: string;
  readonly query: ListQuery;
  readonly fields: readonly {
    readonly name: string;
    readonly label: string;
    readonly options?: readonly (readonly [value: string, words: string])[];
  }[];
  readonly t: Translate;
};

/** A filter is a form that is sent by GET, so that the page it leads to can be kept and sent on. */
export function Filters({ path, query, fields, t }: FilterProps): VNode {
  return (
    <form class="filters" method="get" action={path}>
      {query.sort !== undefined && <input type="hidden" name="sort" value={query.sort} />}
      {fields.map(({ name, label, options }) =>
        options ? (
          <div key={name} class="field">
            <label for={name}>{label}</label>
            <select id={name} name={name}>
              {options.map(([value, words]) => (
                <option key={value} value={value} selected={query.filters[name] === value}>
                  {words}
                </option>
              ))}
            </select>
          </div>
        ) : (
          <Field key={name} name={name} label={label} input={{ value: query.filters[name] ?? '' }} />
        ),
      )}
      <button class="button" type="submit">
        {t('list.show')}
      </button>
    </form>
  );
}
