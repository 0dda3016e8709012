import { Problem } from '../../fhir/problem.ts';
import { isFault } from '../../fhir/terminology/members.ts';
import type { SearchTerm } from '../../fhir/terminology/search-terms.ts';
import type { Terminology } from '../../fhir/terminology/terminology.ts';
import type { KnownValueSet } from '../../fhir/terminology/value-set-members.ts';
import type { InteractionContext, StoredTerms } from '../../interaction/context.ts';
import { parseResourceId } from '../../values/resource-id.ts';
import { type TermSource, termSource, valueSetOfId } from './stored-terminology.ts';

/** Value sets and code systems of the store, as searches use them; what ships is asked before. */
export function storedSearchTerms(shipped: Terminology): StoredTerms {
  // A code system is read once for one search, however many of its codes that names.
  const sources = new WeakMap<InteractionContext, TermSource>();
  const sourceOf = (ctx: InteractionContext) => {
    const known = sources.get(ctx) ?? termSource({ ctx, shipped });
    sources.set(ctx, known);
    return known;
  };
  return {
    expand: async (ctx, valueSet) => {
      const source = termSource({ ctx, shipped });
      const members = await (await findValueSet(ctx, shipped, valueSet, source))?.membersInTurns(ctx.pace);
      if (!members || isFault(members)) return undefined;
      return [...members.values()].map(({ system, code }) => ({ system, code }));
    },
    subsume: async (ctx, direction, system, code): Promise<readonly SearchTerm[] | undefined> => {
      const codeSystem = await sourceOf(ctx).needCodeSystem(system);
      const concept = codeSystem?.find(code);
      if (!codeSystem || !concept) return undefined;
      const codes = direction === 'below' ? codeSystem.below(concept.code) : codeSystem.above(concept.code);
      return [...codes].map((each) => ({ system: codeSystem.url, code: each }));
    },
  };
}

/** R4 search.html#token, `:in`: a canonical URL, or a relative reference to a ValueSet. */
async function findValueSet(
  ctx: InteractionContext,
  shipped: Terminology,
  valueSet: string,
  source: TermSource,
): Promise<KnownValueSet | undefined> {
  const local = valueSet.startsWith(`${ctx.baseUrl}/`) ? valueSet.slice(ctx.baseUrl.length + 1) : valueSet;
  const id = local.startsWith('ValueSet/') ? parseResourceId(local.slice('ValueSet/'.length)) : undefined;
  if (id === undefined) return source.needValueSet(valueSet);
  try {
    return await valueSetOfId({ ctx, shipped }, id, source);
  } catch (thrown) {
    if (thrown instanceof Problem && (thrown.kind === 'not-found' || thrown.kind === 'gone'))
      return undefined;
    throw thrown;
  }
}
