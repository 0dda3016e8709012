import type { JsonObject } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { RecordPage, Store } from '../store/contract/store.ts';
import { readView } from './read-view.ts';
import { type ViewDefinition, ViewError } from './view-definition.ts';

/** A view that has a name: one that ships, or a jurisdiction's own. */
export type NamedView = {
  readonly name: string;
  readonly definition: JsonObject;
  readonly view: ViewDefinition;
  readonly ships: boolean;
};

/** The views that there are by name. R4 has no ViewDefinition, so that a jurisdiction's own are records of the store. */
export type Views = {
  /** By name, as `ViewDefinition/NAME`, or by canonical URL; undefined when there is none. */
  readonly find: (reference: string) => Promise<NamedView | undefined>;
  /** In the order of their names. */
  readonly list: () => Promise<readonly NamedView[]>;
  /** Throws a ViewError of what cannot be kept. */
  readonly check: (definition: JsonObject) => NamedView;
  /** Keeps it under its name, in place of one that was kept before. Throws a ViewError of what cannot be kept. */
  readonly keep: (definition: JsonObject) => Promise<NamedView>;
  /** False when none was kept under the name. */
  readonly remove: (name: string) => Promise<boolean>;
};

/** What a view is under as a resource: an id has no `_`, and a name no `-`. */
export function idOfView(name: string): string {
  return name.replaceAll('_', '-');
}

/** By its id, or by its name. Throws 404 where there is none. */
export async function requireView(views: Pick<Views, 'find'>, id: string): Promise<NamedView> {
  const found = namePattern.test(id) ? await views.find(id.replaceAll('-', '_')) : undefined;
  if (found) return found;
  throw new Problem('not-found', `There is no ViewDefinition/${id.slice(0, 80)}`);
}

const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

type ViewStore = Pick<Store, 'readRecord' | 'writeRecords' | 'listRecords'>;

/** The collection of records that hold a jurisdiction's own. */
export const viewCollection = 'view';
const pageSize = 100;

export function openViews(store: ViewStore, shipped: readonly JsonObject[]): Views {
  const own = shipped.map((definition) => toNamed(definition, true));
  const readKept = async (name: string) => {
    const record = await store.readRecord(viewCollection, name);
    return record && toNamed(JSON.parse(record.value) as JsonObject, false);
  };
  const list = async () => {
    const kept = await readAll(store);
    return [...own, ...kept].sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const check = (definition: JsonObject) => {
    const named = toNamed(definition, false);
    if (!own.some(({ name }) => name === named.name)) return named;
    throw new ViewError(`the view ${named.name} ships: give yours another name`);
  };
  return {
    find: async (reference) => {
      const isCanonical = /^(?:https?:|urn:)/.test(reference);
      if (isCanonical) return (await list()).find(({ definition }) => isNamed(definition, reference));
      const name = reference.replace(/^ViewDefinition\//, '');
      return own.find((one) => one.name === name) ?? (await readKept(name));
    },
    list,
    check,
    keep: async (definition) => {
      const named = check(definition);
      const record = { collection: viewCollection, key: named.name, value: JSON.stringify(definition) };
      await store.writeRecords([{ kind: 'put', record }]);
      return named;
    },
    remove: async (name) => {
      if (!(await store.readRecord(viewCollection, name))) return false;
      await store.writeRecords([{ kind: 'delete', collection: viewCollection, key: name }]);
      return true;
    },
  };
}

/** A canonical may have a version behind it. */
function isNamed({ url, version }: JsonObject, canonical: string): boolean {
  return canonical === url || (version !== undefined && canonical === `${url}|${version}`);
}

function toNamed(definition: JsonObject, ships: boolean): NamedView {
  const read = readView(definition);
  if (!read.ok) {
    throw new ViewError(read.faults.map(({ expression, text }) => `${expression}: ${text}`).join('; '));
  }
  const { name } = read.view;
  if (name === undefined) throw new ViewError('ViewDefinition.name: a view that is kept needs a name');
  return { name, definition, view: read.view, ships };
}

async function readAll(store: ViewStore): Promise<readonly NamedView[]> {
  const found: NamedView[] = [];
  let page: RecordPage | undefined;
  do {
    const query = { collection: viewCollection, count: pageSize };
    page = await store.listRecords(page?.next === undefined ? query : { ...query, after: page.next });
    for (const { value } of page.records) found.push(toNamed(JSON.parse(value) as JsonObject, false));
  } while (page.next !== undefined);
  return found;
}
