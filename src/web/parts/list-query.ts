/** What of a list a URL asks for. */
export type ListQuery = {
  /** The cursor behind which it goes on. */
  readonly after?: string;
  /** A column, with `-` before it the other way round. */
  readonly sort?: string;
  readonly filters: Readonly<Record<string, string>>;
  /** Asked for as a file. */
  readonly isCsv: boolean;
};

/** Reads a query: of the filters those that the page has, of the orders those of its columns. */
export function parseListQuery(
  fields: URLSearchParams,
  { filters = [], sorts = [] }: { readonly filters?: readonly string[]; readonly sorts?: readonly string[] },
): ListQuery {
  const after = fields.get('after');
  const sort = fields.get('sort');
  const given = filters.flatMap((name) => {
    const value = fields.get(name);
    return value === null || value === '' ? [] : [[name, value.slice(0, 200)] as const];
  });
  return {
    ...(after !== null && { after: after.slice(0, 2000) }),
    ...(sort !== null && sorts.includes(sort.replace(/^-/, '')) && { sort }),
    filters: Object.fromEntries(given),
    isCsv: fields.get('format') === 'csv',
  };
}

type Change = { readonly after?: string | undefined; readonly sort?: string; readonly format?: 'csv' };

/** The same list, asked for otherwise. */
export function withQuery(path: string, { after, sort, filters }: ListQuery, change: Change): string {
  const asked = { ...filters, sort, after, ...change };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
