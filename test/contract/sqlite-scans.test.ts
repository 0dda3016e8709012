import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { describeStore } from './store-contract.ts';

// Large registries are searched by scans in the order of the page; here even a few resources are.
describeStore('sqlite by scans', 300, (clock) =>
  openSqliteStore({ path: ':memory:', clock, smallSet: -1, walked: 4 }),
);
