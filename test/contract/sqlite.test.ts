import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { describeStore } from './store-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'jenner-contract-'));
let files = 0;
const newFile = () => join(folder, `store-${files++}.sqlite`);
afterAll(() => rmSync(folder, { recursive: true }));

describeStore('sqlite in memory', 200, (clock) => openSqliteStore({ path: ':memory:', clock }));
describeStore('sqlite in a file', 8, (clock) => openSqliteStore({ path: newFile(), clock }));
