import type { InteractionContext } from '../../interaction/context.ts';
import { parseCriteria } from '../../interaction/find-matches.ts';
import { withinDays } from '../../interaction/local-days.ts';
import type { ParameterList } from '../../interaction/parse-query.ts';
import type { StoredResource } from '../../store/contract/store.ts';
import { accountSystem } from './kept-message.ts';

/** Which of the messages that are kept. */
export type KeptQuery = {
  /** The account or app that sent them. */
  readonly account: string;
  /** Dates, or parts of them: of the day on which they came. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** How they were acknowledged: AA, AE or AR. */
  readonly outcome?: string | undefined;
};

const pageSize = 500;

/** The DocumentReferences of the reports (VXU) that are kept, page by page. Throws a Problem for a date that is none. */
export async function* keptDocuments(
  ctx: InteractionContext,
  { account, since, until, outcome }: KeptQuery,
): AsyncGenerator<StoredResource> {
  const criteria: ParameterList = [
    ['type', 'VXU_V04'],
    ['author:identifier', `${accountSystem}|${account}`],
    ...withinDays(ctx, { from: since, to: until }),
    ...(outcome === undefined ? [] : [['category', outcome] as const]),
  ];
  const filter = await parseCriteria(ctx, 'DocumentReference', criteria);
  let after: string | undefined;
  do {
    const page = { types: ['DocumentReference'] as const, filter, sort: [], count: pageSize };
    const { matches, next } = await ctx.view.search(after === undefined ? page : { ...page, after });
    yield* matches;
    after = next;
  } while (after !== undefined);
}
