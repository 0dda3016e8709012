import type { Cursor } from '../../store/contract/asked.ts';
import type { RecordChange, Store, StoreRecord } from '../../store/contract/store.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';

/** The links, by the hashes of their URLs; they stay true in another store. */
export const linkCollection = 'health-link';
/** Whose they are: `PATIENT|ID`. */
export const linkOwnerCollection = 'health-link-of';
/** Which link of a person was made last, by the id of the person. */
const linkLastCollection = 'health-link-last';
/** Files that are fetched apart, for an hour. */
export const linkFileCollection = 'health-link-file';

export const linkContents = ['health-card', 'record'] as const;
export type LinkContent = (typeof linkContents)[number];

export type Link = {
  readonly id: string;
  readonly patient: ResourceId;
  readonly created: EpochMs;
  /** It was made by the person, or by who answers for the person: no objection to sharing ends it. */
  readonly isOwnWord: boolean;
  /** The login of who answered for the person when it was made; it is good only as long as they do. */
  readonly relatedBy?: string;
  readonly content: readonly LinkContent[];
  readonly flag: string;
  readonly label?: string;
  readonly until?: EpochMs;
  readonly passcodeHash?: string;
  /** How often a wrong passcode may still be sent, in its whole life. */
  readonly attemptsLeft: number;
  readonly uses: number;
  readonly lastUsed?: EpochMs;
  readonly revoked?: true;
};

/** It is shown to its owner for so long when it is over. */
const shownMs = 90 * 24 * 3600 * 1000;

export type LinkStore = Pick<Store, 'readRecord' | 'listRecords' | 'writeRecords'>;

export function isActive({ revoked, until, attemptsLeft }: Link, now: EpochMs): boolean {
  return !revoked && attemptsLeft > 0 && (until === undefined || now < until);
}

export function toLinkRecord(hash: string, link: Link, now: EpochMs) {
  const over = isActive(link, now) ? link.until : now;
  return {
    collection: linkCollection,
    key: hash,
    value: JSON.stringify(link),
    ...(over !== undefined && { expires: (over + shownMs) as EpochMs }),
  };
}

/** What is to be written of a new link. */
export function newLinkChanges(hash: string, link: Link): readonly RecordChange[] {
  const record = toLinkRecord(hash, link, link.created);
  const { expires } = record;
  const owner = {
    collection: linkOwnerCollection,
    key: ownerKey(link.patient, link.id),
    value: JSON.stringify({ hash }),
    ...(expires !== undefined && { expires }),
  };
  const expected = { kind: 'absent' } as const;
  return [record, owner].map((one) => ({ kind: 'put', record: one, expected }));
}

/** The link of a person that was made last: of those who make one at once each counts what the one before has made. */
export async function lastMadeChange(
  store: LinkStore,
  patient: ResourceId,
  id: string,
): Promise<RecordChange> {
  const key = { collection: linkLastCollection, key: patient };
  const before = (await store.readRecord(key.collection, key.key))?.value;
  const expected =
    before === undefined ? { kind: 'absent' as const } : { kind: 'value' as const, value: before };
  return { kind: 'put', record: { ...key, value: id }, expected };
}

const ownerKey = (patient: string, id: string) => `${patient}|${id}`;

export type HeldLink = { readonly hash: string; readonly text: string; readonly link: Link };

export async function readLink(store: LinkStore, hash: string): Promise<HeldLink | undefined> {
  const text = (await store.readRecord(linkCollection, hash))?.value;
  return text === undefined ? undefined : { hash, text, link: JSON.parse(text) as Link };
}

const pageSize = 500;

/** Those of a person, by each id of theirs; the newest first. */
export async function linksOf(store: LinkStore, ids: readonly string[]): Promise<readonly HeldLink[]> {
  const held: HeldLink[] = [];
  for (const id of ids) {
    for await (const { value } of ownedBy(store, id)) {
      const found = await readLink(store, (JSON.parse(value) as { readonly hash: string }).hash);
      if (found) held.push(found);
    }
  }
  return held.sort((a, b) => b.link.created - a.link.created);
}

/** Links that are over are among them, so there may be any number. */
async function* ownedBy(store: LinkStore, id: string): AsyncGenerator<StoreRecord> {
  const query = { collection: linkOwnerCollection, prefix: `${id}|`, count: pageSize };
  for (let after: Cursor | undefined; ; ) {
    const page = await store.listRecords(after === undefined ? query : { ...query, after });
    yield* page.records;
    if (page.next === undefined) return;
    after = page.next;
  }
}

/** Tried anew so often when others change the same link meanwhile. */
const mostTries = 50;

/**
 * Changes a link on nothing but what is there: of many who come at once each sees what the one before has left. Undefined
 * where there is none, or `change` leaves it; `busy` where it was changed all the time.
 */
export async function changeLink(
  store: LinkStore,
  hash: string,
  now: EpochMs,
  change: (link: Link) => Link | undefined,
): Promise<Link | 'busy' | undefined> {
  for (let tried = 0; tried < mostTries; tried++) {
    const held = await readLink(store, hash);
    const next = held && change(held.link);
    if (!held || !next) return undefined;
    const expected = { kind: 'value', value: held.text } as const;
    const outcome = await store.writeRecords([
      { kind: 'put', record: toLinkRecord(hash, next, now), expected },
    ]);
    if (outcome.kind === 'committed') return next;
  }
  return 'busy';
}
