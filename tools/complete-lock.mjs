// Adds to package-lock.json the optional packages of other platforms that a registry did not offer when it was
// written. `npm ci` refuses a lock without them, and never fetches them where they do not fit. Run it after
// `npm install` when `npm ci` says "Missing: … from lock file".
import { readFileSync, writeFileSync } from 'node:fs';

const cpus = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x'];
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const added = [];
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    const words = name.split(/[-/]/);
    const os = systems.find((system) => words.includes(system));
    const cpu = cpus.find((each) => words.includes(each));
    if (lock.packages[path] || !os || !cpu) continue;
    const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : undefined;
    const entry = {
      version,
      cpu: [cpu],
      ...(parent.dev && { dev: true }),
      ...(libc && { libc }),
      optional: true,
      os: [os],
    };
    lock.packages[path] = entry;
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'nothing was missing' : `added ${added.length}: ${added.join(', ')}`);
