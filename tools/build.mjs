// Compiles src/ to dist/ and copies the files that the compiler leaves (SQL migrations, texts). With --if-stale only where
// something has changed since: npx runs it as `prepare` at its first call, and must not pull dist/ away under a server.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDefinitions } from './build-definitions.mjs';
import { buildWeb } from './build-web.mjs';

const stamp = 'dist/.built';
const sources = [
  'src',
  'web',
  'tools',
  'profiles',
  'package.json',
  'package-lock.json',
  'tsconfig.build.json',
];

const changedAfter = (path, since) => {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs > since;
  return readdirSync(path).some((name) => changedAfter(join(path, name), since));
};

if (process.argv.includes('--if-stale') && existsSync(stamp)) {
  const { mtimeMs } = statSync(stamp);
  if (!sources.some((path) => changedAfter(path, mtimeMs))) process.exit(0);
}

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
writeFileSync(stamp, '');
