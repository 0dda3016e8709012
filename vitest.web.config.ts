import { defineConfig } from 'vitest/config';

/** Tests in a real browser; `npm test` leaves them out, since not every machine has one. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/web/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', './tools/ci-line.mjs'],
    env: { TZ: 'UTC' },
  },
});
