import {
  type ClientSession,
  type Collection,
  type CollectionOptions,
  type Db,
  type Filter,
  MongoBulkWriteError,
} from 'mongodb';
import {
  type AuditAction,
  type AuditAgent,
  type AuditId,
  type AuditMonth,
  type AuditOutcome,
  type AuditPage,
  type AuditQuery,
  type AuditRow,
  auditMonthOf,
  leastAuditId,
  namesOfAgent,
  partsOfAuditId,
  readAuditCursor,
  toAuditPage,
} from '../contract/audit.ts';
import { readAuditText, writeAuditText } from '../contract/audit-text.ts';
import { ensureIndexes } from './indexes.ts';

/** One row. `_id` goes by time. */
type AuditDocument = {
  readonly _id: AuditId;
  readonly agent: AuditAgent;
  /** What the agent is asked for by. */
  readonly names: readonly string[];
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  readonly patients: readonly string[];
  /** The rest (audit-text.ts). */
  readonly text: string;
};

/** The rows, a collection a month. */
export type AuditBooks = {
  /** Makes the collections that the rows go to: not every deployment can make one within a transaction. */
  readonly prepare: (rows: readonly AuditRow[]) => Promise<void>;
  /** What is there already is left, unless it is within a transaction. */
  readonly append: (rows: readonly AuditRow[], session?: ClientSession) => Promise<void>;
  readonly search: (query: AuditQuery) => Promise<AuditPage>;
  readonly read: (id: AuditId) => Promise<AuditRow | undefined>;
  readonly drop: (before: AuditMonth) => Promise<void>;
};

const prefix = 'audit-';
const maxTimeMS = 30_000;

const indexes = [
  { name: 'patients', key: { patients: 1, _id: 1 } },
  { name: 'names', key: { names: 1, _id: 1 } },
  // The few that failed.
  { name: 'failed', key: { outcome: 1, _id: 1 }, partialFilterExpression: { outcome: { $gt: 0 } } },
] as const;

type Books = {
  readonly db: Db;
  readonly options: CollectionOptions;
  /** Months whose collection is known to be there, with its indexes. */
  readonly known: Set<AuditMonth>;
};

export function openAuditBooks(db: Db, options: CollectionOptions): AuditBooks {
  const books: Books = { db, options, known: new Set() };
  return {
    prepare: (rows) => prepare(books, rows),
    append: (rows, session) => append(books, rows, session),
    search: (query) => search(books, query),
    read: async (id) => {
      const found = await monthOf(books, auditMonthOf(partsOfAuditId(id).at)).findOne({ _id: id });
      return found ? toRow(found) : undefined;
    },
    drop: async (before) => {
      for (const month of await monthsOf(books)) if (month < before) await db.dropCollection(prefix + month);
      books.known.clear();
    },
  };
}

function monthOf({ db, options }: Books, month: AuditMonth): Collection<AuditDocument> {
  return db.collection<AuditDocument>(prefix + month, options);
}

async function prepare(books: Books, rows: readonly AuditRow[]): Promise<void> {
  for (const { at } of rows) {
    const month = auditMonthOf(at);
    if (books.known.has(month)) continue;
    await ensureIndexes(books.db.collection(prefix + month), indexes);
    books.known.add(month);
  }
}

async function append(books: Books, rows: readonly AuditRow[], session?: ClientSession): Promise<void> {
  const byMonth = new Map<AuditMonth, AuditDocument[]>();
  for (const row of rows) {
    const month = auditMonthOf(row.at);
    const documents = byMonth.get(month) ?? [];
    documents.push(toDocument(row));
    byMonth.set(month, documents);
  }
  for (const [month, documents] of byMonth) {
    const collection = monthOf(books, month);
    if (session) await collection.insertMany(documents, { session });
    else await keep(collection, documents);
  }
}

/** May be done twice, with the same end: what is there already is refused by its id, and left. */
async function keep(
  collection: Collection<AuditDocument>,
  documents: readonly AuditDocument[],
): Promise<void> {
  try {
    await collection.insertMany([...documents], { ordered: false });
  } catch (thrown) {
    if (!isThereAlready(thrown)) throw thrown;
  }
}

const duplicateKey = 11_000;

function isThereAlready(thrown: unknown): boolean {
  if (!(thrown instanceof MongoBulkWriteError)) return false;
  const errors = [thrown.writeErrors].flat();
  const isWhole = thrown.result.getWriteConcernError() === undefined;
  return isWhole && errors.length > 0 && errors.every(({ code }) => code === duplicateKey);
}

async function monthsOf({ db }: Books): Promise<readonly AuditMonth[]> {
  const found = await db.listCollections({}, { nameOnly: true }).toArray();
  return found
    .flatMap(({ name }) => (/^audit-[0-9]{6}$/.test(name) ? [name.slice(prefix.length) as AuditMonth] : []))
    .sort()
    .reverse();
}

/** Month by month, the newest first, until there is one row more than a page. */
async function search(books: Books, query: AuditQuery): Promise<AuditPage> {
  const after = query.after === undefined ? undefined : readAuditCursor(query.after);
  const filter = filterOf(query, after);
  const found: AuditRow[] = [];
  for (const month of await monthsOf(books)) {
    const room = query.count + 1 - found.length;
    if (room <= 0) break;
    if (!isAsked(query, after, month)) continue;
    const page = monthOf(books, month).find(filter, { sort: { _id: -1 }, limit: room, maxTimeMS });
    found.push(...(await page.toArray()).map(toRow));
  }
  return toAuditPage(found, query.count);
}

function isAsked({ from, to }: AuditQuery, after: AuditId | undefined, month: AuditMonth): boolean {
  if (from !== undefined && month < auditMonthOf(from)) return false;
  if (to !== undefined && month > auditMonthOf(to)) return false;
  return after === undefined || month <= auditMonthOf(partsOfAuditId(after).at);
}

function filterOf(query: AuditQuery, after: AuditId | undefined): Filter<AuditDocument> {
  const { patients, agent, from, to, actions, outcomes } = query;
  const ids: Filter<AuditDocument>[] = [];
  if (from !== undefined) ids.push({ _id: { $gte: leastAuditId(from) as AuditId } });
  if (to !== undefined) ids.push({ _id: { $lt: leastAuditId((to + 1) as typeof to) as AuditId } });
  if (after !== undefined) ids.push({ _id: { $lt: after } });
  return {
    ...(ids.length > 0 && { $and: ids }),
    ...(patients && { patients: { $in: [...patients] } }),
    ...(agent !== undefined && { names: agent }),
    ...(actions && { action: { $in: [...actions] } }),
    ...(outcomes && { outcome: { $in: [...outcomes], ...(!outcomes.includes(0) && { $gt: 0 }) } }),
  };
}

function toDocument(row: AuditRow): AuditDocument {
  const { id, agent, action, outcome, patients } = row;
  const names = namesOfAgent(agent);
  return { _id: id, agent, names, action, outcome, patients, text: writeAuditText(row) };
}

function toRow({ _id, agent, action, outcome, text }: AuditDocument): AuditRow {
  return { id: _id, at: partsOfAuditId(_id).at, agent, action, outcome, ...readAuditText(text) };
}
