import type { RecordChange, Store } from '../../store/contract/store.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';

/** The links, by the hashes of their URLs; they stay true in another store. */
export const linkCollection = 'health-link';
/** Whose they are: `PATIENT|ID`. */
export const linkOwnerCollection = 'health-link-of';
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

const ownerKey = (patient: string, id: string) => `${patient}|${id}`;

export type HeldLink = { readonly hash: string; readonly text: string; readonly link: Link };

export async function readLink(store: LinkStore, hash: string): Promise<HeldLink | undefined> {
  const text = (await store.readRecord(linkCollection, hash))?.value;
  return text === undefined ? undefined : { hash, text, link: JSON.parse(text) as Link };
}

const mostListed = 500;

/** Those of a person, by each id of theirs; the newest first. */
export async function linksOf(store: LinkStore, ids: readonly string[]): Promise<readonly HeldLink[]> {
  const held: HeldLink[] = [];
  for (const id of ids) {
    const query = { collection: linkOwnerCollection, prefix: `${id}|`, count: mostListed };
    for (const { value } of (await store.listRecords(query)).records) {
      const found = await readLink(store, (JSON.parse(value) as { readonly hash: string }).hash);
      if (found) held.push(found);
    }
  }
  return held.sort((a, b) => b.link.created - a.link.created);
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
