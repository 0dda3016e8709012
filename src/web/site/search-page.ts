import type { FhirResource } from 'fhir/r4.js';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { ParameterList } from '../../interaction/parse-query.ts';
import { searchResources } from '../../interaction/search-resources.ts';
import type { ListQuery } from '../parts/list-query.ts';

/** Rows of a page, and of a file; what is more of a list is asked for by its filters. */
export const rowsOfPage = 25;
export const rowsOfFile = 5000;
const rowsAtOnce = 500;

export type Found<Row> = {
  readonly rows: readonly Row[];
  readonly next?: string | undefined;
  /** A file that does not hold all of the list. */
  readonly isCut: boolean;
};

/** A page of a search as the visitor may see it; all of it, as far as a file goes, where it is asked for as a file. */
export async function searchPageOf<Row>(
  ctx: InteractionContext,
  type: ResourceType,
  { criteria, query }: { readonly criteria: ParameterList; readonly query: ListQuery },
  toRow: (resource: FhirResource) => Row | Promise<Row>,
): Promise<Found<Row>> {
  const rows: Row[] = [];
  let after = query.isCsv ? undefined : query.after;
  do {
    const asked: ParameterList = [
      ...criteria,
      ['_count', String(query.isCsv ? rowsAtOnce : rowsOfPage)],
      ...(after === undefined ? [] : [['_cursor', after] as const]),
    ];
    const { matches, next } = await searchResources(ctx, [type], asked, 'strict');
    for (const { text } of matches) rows.push(await toRow(JSON.parse(text ?? '{}') as FhirResource));
    after = next;
  } while (query.isCsv && after !== undefined && rows.length < rowsOfFile);
  return { rows, next: after, isCut: query.isCsv && after !== undefined };
}
