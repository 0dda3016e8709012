import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runMove } from '../../../src/cli/move-command.ts';
import { resourceTypes } from '../../../src/fhir/resource-type.ts';
import { recordSystem } from '../../../src/search/person-link.ts';
import { type AuditRow, toAuditId } from '../../../src/store/contract/audit.ts';
import type { Store, StoredVersion } from '../../../src/store/contract/store.ts';
import { openMongoStore } from '../../../src/store/mongo/mongo-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { systemClock } from '../../../src/values/clock.ts';
import { at, change, key, removal, token, write } from '../../contract/fixtures.ts';
import { dropDatabase, freshDatabase, testMongoUrl } from '../../mongo/test-mongo.ts';

const indexResource = (resource: object) => ({ code: [token(String('id' in resource ? resource.id : ''))] });
const url = testMongoUrl();
const mongo = url === undefined ? undefined : freshDatabase(url);
afterAll(async () => {
  if (mongo !== undefined) await dropDatabase(mongo);
});

/** More than one page, of several months, the newest first. */
const auditRows = Array.from({ length: 600 }, (_, n): AuditRow => {
  const moment = at((700 - n) * 86_400_000);
  const what = {
    interaction: 'read',
    what: [],
    patients: [key('Patient', `p${n}`).id],
    action: 'R',
  } as const;
  return { id: toAuditId(moment, n), at: moment, agent: { name: 'user:ann' }, outcome: 0, ...what };
});
/** Who may ask, and what must not be used again, is true in another store too. */
const accounts = [
  'client',
  'user',
  'user-subject',
  'key',
  'grant',
  'token',
  'jti',
  'throttle',
  'opened',
  'card-revocation',
];

let source: Store;
beforeAll(async () => {
  source = await openSqliteStore({ path: ':memory:' });
  for (let n = 0; n < 700; n++) await write(source, change({ id: `p${n}`, lastUpdated: 1000 + n }));
  await write(source, change({ id: 'p1', version: 2, lastUpdated: 5000 }));
  await write(source, removal({ id: 'p1', version: 3, lastUpdated: 5001 }));
  await write(source, change({ id: 'p2', version: 2, lastUpdated: 5002, method: 'PATCH' }));
  await write(source, change({ type: 'Observation', id: 'o', lastUpdated: 6000, method: 'PUT' }));
  const record = { collection: 'job', key: 'file', value: '7' };
  await source.writeRecords([{ kind: 'put', record }]);
  const schedule = { collection: 'schedule', key: 'overlay USA-XX|1', value: '{}' };
  const view = { collection: 'view', key: 'roster', value: '{}' };
  for (const kept of [schedule, view]) await source.writeRecords([{ kind: 'put', record: kept }]);
  await source.appendAudit(auditRows);
  for (const collection of accounts) {
    await source.writeRecords([{ kind: 'put', record: { collection, key: 'k', value: '{}' } }]);
  }
});
afterAll(() => source.close());

async function everyVersion(store: Store): Promise<readonly StoredVersion[]> {
  const versions: StoredVersion[] = [];
  for (const type of resourceTypes) {
    versions.push(...(await store.history({ type, count: 10_000 })).versions);
  }
  return versions.sort((a, b) => a.id.localeCompare(b.id) || a.versionId - b.versionId);
}

function move(from: Store, to: Store) {
  const said: string[] = [];
  const output = new Writable({
    write: (chunk, _, next) => {
      said.push(String(chunk));
      next();
    },
  }) as unknown as NodeJS.WriteStream;
  const exit = runMove({ from, to, indexResource, clock: systemClock, output });
  return exit.then((code) => ({ code, said: said.join('') }));
}

const targets: [string, (() => Promise<Store>) | undefined][] = [
  ['SQLite', () => openSqliteStore({ path: ':memory:' })],
  ['MongoDB', mongo === undefined ? undefined : () => openMongoStore({ url: mongo })],
];

for (const [name, open] of targets) {
  it.skipIf(!open)(`moves a registry to ${name}, and finds it there when it is run again`, async () => {
    const target = await (open ?? expect.fail)();
    const moved = await move(source, target);
    expect(moved.code).toBe(0);
    expect(moved.said).toMatch(/^moved 701 resources, 704 versions \(/);
    expect(await everyVersion(target)).toEqual(await everyVersion(source));
    expect(await target.read(key('Patient', 'p1'))).toMatchObject({ versionId: 3, method: 'DELETE' });
    const isP2 = { kind: 'value', param: 'code', test: { kind: 'token', anyOf: [{ code: 'p2' }] } } as const;
    expect(await target.count(['Patient'], isP2)).toBe(1);
    expect(await target.readRecord('job', 'file')).toMatchObject({ value: '7' });
    expect(await target.readRecord('schedule', 'overlay USA-XX|1')).toMatchObject({ value: '{}' });
    expect(await target.readRecord('view', 'roster')).toMatchObject({ value: '{}' });
    expect((await target.searchAudit({ count: 1000 })).rows).toEqual(auditRows);
    for (const collection of accounts) expect(await target.readRecord(collection, 'k')).toBeDefined();
    expect((await move(source, target)).said).toMatch(
      /^moved 701 resources, 0 versions, 701 resources were/m,
    );
    await target.close();
  });
}

it('goes on after a stop, with what was moved up to there', async () => {
  const target = await openSqliteStore({ path: ':memory:' });
  let writes = 0;
  const failing: Store = {
    ...target,
    write: async (unit) => {
      if (++writes > 600) throw new Error('the cable was pulled');
      return target.write(unit);
    },
  };
  await expect(move(source, failing)).rejects.toThrow('the cable was pulled');
  const { said } = await move(source, target);
  expect(said).toMatch(/^moved \d+ resources, \d+ versions, \d+ resources were there before/);
  expect(await everyVersion(target)).toEqual(await everyVersion(source));
  await target.close();
});

it('refuses a target that holds something else under an id', async () => {
  const target = await openSqliteStore({ path: ':memory:' });
  await write(target, change({ id: 'p9', text: '{"resourceType":"Patient","id":"p9"}' }));
  await expect(move(source, target)).rejects.toThrow('the target holds another Patient/p9 than version 1');
  await target.close();
});

it('knows in the target to which person a source belongs', async () => {
  const from = await openSqliteStore({ path: ':memory:' });
  const target = await openSqliteStore({ path: ':memory:' });
  const resource = {
    resourceType: 'Patient',
    id: 's',
    meta: { tag: [{ system: recordSystem, code: 'source' }] },
    link: [{ other: { reference: 'Patient/p' }, type: 'refer' }],
  };
  await write(from, change({ id: 's', person: 'p', text: JSON.stringify(resource) }), change({ id: 'p' }));
  expect((await move(from, target)).code).toBe(0);
  expect(await target.aliasesOf([key('Patient', 's').id])).toEqual(new Map([['s', ['p', 's']]]));
  await Promise.all([from.close(), target.close()]);
});
