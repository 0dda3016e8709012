import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';

export type Database = DatabaseSyncInstance;
export type Statement = StatementSyncInstance;
export type Bindable = string | number | null;

type Driver = Pick<typeof import('@photostructure/sqlite'), 'DatabaseSync' | 'backup'>;

/** The built-in driver from Node 24 on; below it a package with the same interface. */
async function loadDriver(): Promise<Driver> {
  const major = Number(process.versions.node.split('.')[0]);
  const name: string = major >= 24 ? 'node:sqlite' : '@photostructure/sqlite';
  return import(name);
}

const driver = await loadDriver();

export function openDatabase(path: string, options: { readonly readOnly: boolean }): Database {
  return new driver.DatabaseSync(path, options);
}

export type PageProgress = { readonly totalPages: number; readonly remainingPages: number };

/** SQLite's online backup: copies what the connection sees into a new file, some pages at a time. */
export async function copyPages(
  db: Database,
  to: string,
  progress: (info: PageProgress) => void,
): Promise<void> {
  await driver.backup(db, to, { rate: pagesAtOnce, progress });
}

/** 8 MB: between two of them the event loop runs. */
const pagesAtOnce = 1024;
