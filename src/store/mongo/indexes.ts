import { type Collection, type Db, type IndexDescription, MongoServerError } from 'mongodb';

type Index = IndexDescription & { readonly name: string };

const resourceIndexes: readonly Index[] = [
  // A value, then the order of ids: a page of a search by equality is read off as it lies.
  { name: 'keys', key: { type: 1, keys: 1, _id: 1 } },
  { name: 'spans', key: { type: 1, 'spans.p': 1, 'spans.low': 1, _id: 1, 'spans.high': 1 } },
  // Searches by time, history, and counting a type without opening a document.
  { name: 'time', key: { type: 1, lastUpdated: 1, _id: 1, live: 1 } },
  // The few whose former version is on its way to the history.
  {
    name: 'previous',
    key: { 'previous.lastUpdated': 1, _id: 1 },
    partialFilterExpression: { 'previous.lastUpdated': { $exists: true } },
  },
  // What somebody's clinic may see, in the order of ids.
  {
    name: 'reach',
    key: { type: 1, bears: 1, _id: 1 },
    partialFilterExpression: { bears: { $exists: true } },
  },
  // What concerns somebody, alone or with others.
  { name: 'patients', key: { patients: 1, type: 1, _id: 1 } },
  // The sources of a person.
  {
    name: 'belongs',
    key: { belongs: 1, _id: 1 },
    partialFilterExpression: { belongs: { $exists: true } },
  },
  // The few of which marks are to be drawn.
  {
    name: 'open',
    key: { 'open.persons': 1 },
    partialFilterExpression: { 'open.persons': { $exists: true } },
  },
  // Tombstones of earlier releases.
  { name: 'unplaced', key: { patients: 1 }, partialFilterExpression: { method: 'DELETE' } },
];

const historyIndexes: readonly Index[] = [
  { name: 'key', key: { key: 1, version: 1 } },
  { name: 'time', key: { type: 1, lastUpdated: 1, key: 1, version: 1 } },
  // Old versions of one person, and those of earlier releases.
  { name: 'patients', key: { patients: 1, lastUpdated: 1, key: 1, version: 1 } },
];

// The people of a small clinic.
const personIndexes: readonly Index[] = [{ name: 'marks', key: { marks: 1, _id: 1 } }];

const recordIndexes: readonly Index[] = [{ name: 'until', key: { until: 1 }, expireAfterSeconds: 0 }];

/** The layout of documents and indexes; a later one is refused. 2: whom a version concerns, marks; 3: to whom a source belongs. */
const layout = 3;

type LayoutDocument = { readonly _id: 'layout'; readonly version: number };

/**
 * Makes the indexes that are missing, while others go on, and says that the layout is ours. Throws when an index of the
 * name is another, or the layout is later than ours.
 */
export async function prepareDatabase(db: Db): Promise<void> {
  const meta = db.collection<LayoutDocument>('meta');
  await requireKnownLayout(meta);
  await ensureIndexes(db.collection('resource'), resourceIndexes);
  await ensureIndexes(db.collection('history'), historyIndexes);
  await ensureIndexes(db.collection('person'), personIndexes);
  await ensureIndexes(db.collection('record'), recordIndexes);
  await meta.updateOne({ _id: 'layout' }, { $max: { version: layout } }, { upsert: true });
}

async function requireKnownLayout(meta: Collection<LayoutDocument>): Promise<void> {
  const found = await meta.findOne({ _id: 'layout' });
  if (found && found.version > layout) {
    throw new Error(`The database has layout ${found.version}; this program knows layouts up to ${layout}.`);
  }
}

/** Makes those that are missing; throws when one of the name is another. */
export async function ensureIndexes(collection: Collection, indexes: readonly Index[]): Promise<void> {
  try {
    await collection.createIndexes([...indexes]);
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new Error(
      `The collection ${collection.collectionName} has an index that is in the way of one of ` +
        `${indexes.map(({ name }) => name).join(', ')}: ${error.message}. Drop it, and start again.`,
      { cause: error },
    );
  }
}

/** IndexOptionsConflict, IndexKeySpecsConflict. */
function isConflict(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && (error.code === 85 || error.code === 86);
}
