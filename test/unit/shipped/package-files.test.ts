import { expect, it, vi } from 'vitest';

const read = vi.hoisted(() => new Map<string, number>());
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const readFileSync = (...call: Parameters<typeof fs.readFileSync>) => {
    read.set(String(call[0]), (read.get(String(call[0])) ?? 0) + 1);
    return fs.readFileSync(...call);
  };
  return { ...fs, readFileSync };
});

it('reads each file of the package once, whoever asks', async () => {
  const { definitionResources } = await import('../../../src/shipped/definition-resources.ts');
  const { loadKnowledgeBases } = await import('../../../src/shipped/knowledge-bases.ts');
  const { loadOperations } = await import('../../../src/shipped/operations.ts');
  const { loadServerContext } = await import('../../../src/shipped/server-context.ts');
  const { openSqliteStore } = await import('../../../src/store/sqlite/sqlite-store.ts');
  const store = await openSqliteStore({ path: ':memory:' });
  const settings = { store, baseUrl: 'http://jenner.test', profiles: [], declaredProfiles: 'error' } as const;
  for (let starts = 0; starts < 2; starts++) {
    await loadServerContext(settings);
    const knowledgeBases = loadKnowledgeBases('none');
    definitionResources(loadOperations({ knowledgeBases, fitsCompatible: false }));
  }
  await store.close();
  const shipped = [...read].filter(([path]) =>
    /\/(profiles|search-params|schedules|terminology)\//.test(path),
  );
  expect(shipped.length).toBeGreaterThan(20);
  expect(shipped.filter(([, times]) => times !== 1)).toEqual([]);
  expect([...read.keys()].filter((path) => path.endsWith('definitions.json'))).toHaveLength(1);
});

it('says which file is wrong, and what makes one that is missing', async () => {
  const { readJson } = await import('../../../src/shipped/package-files.ts');
  expect(() => readJson('no-such-file.json')).toThrow(/no-such-file\.json: .*ENOENT.*npm run build makes it/);
  expect(() => readJson('README.md')).toThrow(/README\.md: .*JSON/s);
});
