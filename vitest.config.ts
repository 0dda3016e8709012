import { defineConfig } from 'vitest/config';

const calendarTests = ['test/unit/values/**/*.test.ts', 'test/unit/search/**/*.test.ts'];
// Files that the tests of one engine need not run: `--exclude` does not reach projects.
const left = process.env['VITEST_WITHOUT']?.split(',') ?? [];
// Those in test/web need a browser: npm run test:web; test/analysts takes packages for Python.
const elsewhere = ['test/web/**', 'test/analysts/**'];
// What replaces a module has to be the first to load it.
const alone = ['test/unit/shipped/package-files.test.ts'];
const project = (name: string, zone: string, include: string[]) => ({
  extends: true as const,
  test: { name, include, exclude: [...elsewhere, ...alone, ...left], env: { TZ: zone } },
});

export default defineConfig({
  test: {
    pool: 'forks',
    // To load the modules anew for each file takes a third of the time, and none of them keeps a state.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Without it one core is left idle, of two.
    maxWorkers: '100%',
    reporters: ['default', './tools/ci-line.mjs'],
    // No answer may depend on the zone of the machine: what handles dates runs in three of them.
    projects: [
      project('utc', 'UTC', ['test/**/*.test.ts']),
      project('new-york', 'America/New_York', calendarTests),
      project('auckland', 'Pacific/Auckland', calendarTests),
      { extends: true as const, test: { name: 'alone', include: alone, isolate: true, env: { TZ: 'UTC' } } },
    ],
  },
});
