// Compiles src/ to dist/ and copies the files that the compiler leaves (SQL migrations, texts).
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { buildDefinitions } from './build-definitions.mjs';
import { buildWeb } from './build-web.mjs';

rmSync('dist', { recursive: true, force: true });
const tsc = spawnSync(process.execPath, ['node_modules/typescript7/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
cpSync('src', 'dist', {
  recursive: true,
  filter: (path) => !/\.tsx?$/.test(path),
});
chmodSync('dist/main.js', 0o755);
await buildWeb();
await buildDefinitions();
