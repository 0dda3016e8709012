import type { ResourceType } from '../../fhir/resource-type.ts';
import { isResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import { type ChainFilter, chainsIn } from './compile-filter.ts';
import { type DocumentKey, idOf, typeOf } from './documents.ts';
import { oneOf, type Query } from './query.ts';
import { type Reader, readOptions } from './reader.ts';
import { keyOf, referencesIn } from './value-keys.ts';

export type ResolvedChains = {
  readonly chains: ReadonlyMap<ChainFilter, Query>;
  /** Whether all are known. */
  readonly whole: boolean;
};

/** The first keys of a type that match, in their order. */
type FindKeys = (
  reader: Reader,
  type: ResourceType,
  filter: Filter,
  limit: number,
) => Promise<readonly DocumentKey[]>;

/** A search asks for chains, and a chain searches: it is handed in, so that neither file needs the other. */
export type ChainReader = { readonly reader: Reader; readonly findKeys: FindKeys };

/** So many resources are looked into at once. */
const chunk = 500;

/**
 * What the chains of a filter come to, by asking for the resources on their other ends. Those of a chain that are
 * more than a small set are not listed; asked for certain resources of the type, `among`, all are.
 */
export async function resolveChains(
  { reader, findKeys }: ChainReader,
  type: ResourceType,
  filter: Filter,
  among?: readonly DocumentKey[],
): Promise<ResolvedChains> {
  const found = chainsIn(filter);
  const chains = new Map<ChainFilter, Query>();
  for (const chain of found) {
    const query = isResourceType(chain.type)
      ? await resolveChain({ reader, findKeys }, type, chain, among)
      : 'none';
    if (query !== undefined) chains.set(chain, query);
  }
  return { chains, whole: found.every((chain) => chains.has(chain)) };
}

function resolveChain(
  reader: ChainReader,
  type: ResourceType,
  chain: ChainFilter,
  among: readonly DocumentKey[] | undefined,
): Promise<Query | undefined> {
  if (!among) return smallSet(reader, type, chain);
  return chain.kind === 'chain'
    ? targetsReferredFrom(reader, chain, among)
    : referredAmong(reader, chain, among);
}

/** Chains whose other end was found to be no small set; each is tried once, however often it is met in a request. */
const large = new WeakSet<ChainFilter>();

async function smallSet(
  { reader, findKeys }: ChainReader,
  type: ResourceType,
  chain: ChainFilter,
): Promise<Query | undefined> {
  if (reader.smallSet < 0 || large.has(chain)) return undefined;
  const query =
    chain.kind === 'chain'
      ? await smallSetOfTargets({ reader, findKeys }, chain)
      : await smallSetReferred({ reader, findKeys }, type, chain);
  if (query === undefined) large.add(chain);
  return query;
}

type Chain = ChainFilter & { readonly kind: 'chain' };
type Has = ChainFilter & { readonly kind: 'has' };

function refersToOneOf(param: string, targets: readonly DocumentKey[]): Query {
  return oneOf(
    'keys',
    targets.map((target) => keyOf.referenceTo(param, target)),
  );
}

async function smallSetOfTargets(
  { reader, findKeys }: ChainReader,
  chain: Chain,
): Promise<Query | undefined> {
  const most = reader.smallSet;
  const targets = await findKeys(reader, chain.type as ResourceType, chain.of, most + 1);
  return targets.length > most ? undefined : refersToOneOf(chain.param, targets);
}

/** Of the resources that those among refer to, the ones that match. */
async function targetsReferredFrom(
  { reader, findKeys }: ChainReader,
  { param, type, of }: Chain,
  among: readonly DocumentKey[],
): Promise<Query> {
  const referred = (await referencesOf(reader, among, [param])).filter((key) => typeOf(key) === type);
  const targets: DocumentKey[] = [];
  for (let at = 0; at < referred.length; at += chunk) {
    const ids = referred.slice(at, at + chunk).map(idOf);
    const filter: Filter = { kind: 'and', of: [{ kind: 'id', anyOf: ids }, of] };
    targets.push(...(await findKeys(reader, type as ResourceType, filter, chunk)));
  }
  return refersToOneOf(param, targets);
}

async function smallSetReferred(
  { reader, findKeys }: ChainReader,
  type: ResourceType,
  { type: source, param, of }: Has,
): Promise<Query | undefined> {
  const refers: Filter = { kind: 'value', param, test: { kind: 'reference', anyOf: [{ type }] } };
  const filter: Filter = { kind: 'and', of: [refers, of] };
  const sources = await findKeys(reader, source as ResourceType, filter, reader.smallSet + 1);
  if (sources.length > reader.smallSet) return undefined;
  const keys = await referencesOf(reader, sources, [param]);
  return oneOf(
    '_id',
    keys.filter((key) => typeOf(key) === type),
  );
}

/**
 * Which of those among some source refers to. Sources come so many at a time; whoever is referred to by one of them is
 * not asked about again.
 */
async function referredAmong(
  { reader, findKeys }: ChainReader,
  { type: source, param, of }: Has,
  among: readonly DocumentKey[],
): Promise<Query> {
  const referred: DocumentKey[] = [];
  const open = new Set(among);
  while (open.size > 0) {
    const anyOf = [...open].map((key) => ({ type: typeOf(key), id: idOf(key) }));
    const refers: Filter = { kind: 'value', param, test: { kind: 'reference', anyOf } };
    const filter: Filter = { kind: 'and', of: [refers, of] };
    const sources = await findKeys(reader, source as ResourceType, filter, chunk);
    for (const key of await referencesOf(reader, sources, [param])) {
      if (open.delete(key)) referred.push(key);
    }
    if (sources.length < chunk) break;
  }
  return oneOf('_id', referred);
}

/** What live resources refer to by the parameters, each once. */
export async function referencesOf(
  reader: Reader,
  keys: readonly DocumentKey[],
  params: readonly string[],
): Promise<readonly DocumentKey[]> {
  const referred = new Set<DocumentKey>();
  for (let at = 0; at < keys.length; at += chunk) {
    const documents = await reader.resources
      .find(
        { _id: { $in: keys.slice(at, at + chunk) }, live: 1 },
        { ...readOptions(reader), projection: { keys: 1 } },
      )
      .toArray();
    for (const document of documents) {
      for (const param of params) {
        for (const key of referencesIn(document.keys, param)) referred.add(key);
      }
    }
  }
  return [...referred];
}

/** Those of the keys that are there and not deleted. */
export async function existingOf(
  reader: Reader,
  keys: readonly DocumentKey[],
): Promise<readonly DocumentKey[]> {
  const existing: DocumentKey[] = [];
  for (let at = 0; at < keys.length; at += chunk) {
    const documents = await reader.resources
      .find(
        { _id: { $in: keys.slice(at, at + chunk) }, live: 1 },
        { ...readOptions(reader), projection: { _id: 1 } },
      )
      .toArray();
    existing.push(...documents.map(({ _id }) => _id));
  }
  return existing;
}
