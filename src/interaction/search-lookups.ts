import { Problem } from '../fhir/problem.ts';
import type { TokenPattern } from '../search/filter.ts';
import { boxFilter, distanceKm, toPlace } from '../search/near.ts';
import type { GeoArea, SearchContext } from '../search/search-request.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { readStoredJson } from './parse-stored.ts';

/**
 * What the parser of a search asks for and only the store knows: it is noted while the search is parsed, looked up, and
 * there when the search is parsed again.
 */
export type SearchLookups = {
  readonly context: Required<Pick<SearchContext, 'expand' | 'subsume' | 'near'>>;
  /** Was anything asked for that is not known? Most searches ask for nothing. */
  readonly isOpen: () => boolean;
  /** Looks up what was asked for. */
  readonly load: () => Promise<void>;
};

export function openLookups(ctx: InteractionContext): SearchLookups {
  const { searchTerms, storedTerms } = ctx;
  const valueSets = notes<TokenPattern>();
  const terms = notes<TokenPattern>();
  const systems = new Set<string>();
  const places = notes<string>();
  return {
    context: {
      // What a search finds tells the members of a set: of one that is kept here who may read it asks by it.
      expand: (valueSet) =>
        searchTerms.expand?.(valueSet) ?? valueSets.ask(valueSet, () => storedTerms.expand(ctx, valueSet)),
      subsume: (direction, system, code) => {
        const shipped = searchTerms.subsume?.(direction, system, code);
        if (shipped || system === undefined) return shipped;
        systems.add(system);
        const name = JSON.stringify([direction, system, code]);
        return terms.ask(name, () => storedTerms.subsume(ctx, direction, system, code));
      },
      near: (area) => places.ask(JSON.stringify(area), () => locationsNear(ctx, area)) ?? [],
    },
    isOpen: () => valueSets.isOpen() || terms.isOpen() || places.isOpen(),
    load: async () => {
      requireFew(valueSets.count(), 'value sets');
      requireFew(systems.size, 'code systems');
      await valueSets.load();
      await terms.load();
      await places.load();
    },
  };
}

/** Each value set may take all the work that an expansion may take, and each code system is read. */
const maxStored = 50;

function requireFew(count: number, what: string): void {
  if (count <= maxStored) return;
  throw new Problem(
    'invalid-parameter',
    `The search names ${count} ${what} of the store; at most ${maxStored} are read for one`,
  );
}

type Find<Found> = () => Promise<readonly Found[] | undefined>;

/** Nothing is found before `load`, which is called when it is known what all is asked for. */
function notes<Found>() {
  const known = new Map<string, readonly Found[] | undefined>();
  const wanted = new Map<string, Find<Found>>();
  return {
    ask: (name: string, find: Find<Found>): readonly Found[] | undefined => {
      if (known.has(name)) return known.get(name);
      wanted.set(name, find);
      return [];
    },
    isOpen: () => wanted.size > 0,
    count: () => wanted.size,
    load: async (): Promise<void> => {
      for (const [name, find] of wanted) known.set(name, await find());
    },
  };
}

/** Of more places the client should ask for a smaller part of the earth. */
const maxNear = 5000;

/** Ids of the Locations within the distance; the box is found by the index, the circle is cut out of it. */
async function locationsNear(ctx: InteractionContext, area: GeoArea): Promise<readonly string[]> {
  requireAccess(ctx, 'search-type', 'Location');
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const query = { types: ['Location'] as const, filter: boxFilter('near', area), sort: [], count: 500 };
    const page = await ctx.view.search(after === undefined ? query : { ...query, after });
    for (const stored of page.matches) {
      const { position } = await readStoredJson<{ readonly position?: unknown }>(stored, ctx.pace);
      const place = toPlace(position);
      if (place && distanceKm(area, place) <= area.km) ids.push(stored.id);
    }
    if (ids.length > maxNear) {
      throw new Problem(
        'invalid-parameter',
        `More than ${maxNear} locations are within ${area.km} km; ask for a smaller distance`,
        { expression: 'http.near' },
      );
    }
    after = page.next;
  } while (after !== undefined);
  return ids;
}
