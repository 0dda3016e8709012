import { defineConfig } from 'vitest/config';

/** What docs/analysts.md tells, with DuckDB and pandas from a package index; `npm test` leaves it out. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/analysts/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    reporters: ['default', './tools/ci-line.mjs'],
    env: { TZ: 'UTC' },
  },
});
