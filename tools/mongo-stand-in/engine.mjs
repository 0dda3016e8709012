// Runs the engine of install-engine.mjs: PostgreSQL in a folder of its own, FerretDB in front of it.
import { spawn } from 'node:child_process';
import { chown, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installEngine, serverUser, whyNoEngine } from './install-engine.mjs';

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_preload_libraries: 'pg_cron,pg_documentdb_core,pg_documentdb',
  'cron.database_name': 'postgres',
  'documentdb_core.enableCollation': 'on',
  max_connections: '120',
  shared_buffers: '256MB',
  jit: 'off',
  // A killed process must lose no acknowledged write, a killed machine may: the data is thrown away.
  synchronous_commit: 'on',
  fsync: 'off',
};
const program = (name) => `/usr/lib/postgresql/18/bin/${name}`;

/** Runs a program in `root`, as the server's user, with `data` as its /data; the mounts end with it. */
const enter = `mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --bind "$2" "$1/data" || exit 1
root=$1; shift 2; exec chroot --userspec=${serverUser}:${serverUser} "$root" "$@"`;

/** A TCP port of 127.0.0.1 that is free now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Why a test is not to start an engine of its own, or undefined: nothing is installed unless tests on MongoDB are run. */
export async function whyNoOwnEngine() {
  if (!process.env.JENNER_TEST_MONGO_URL) return 'no MongoDB is asked for: npm run test:mongo';
  return await whyNoEngine();
}

/**
 * Installs the engine if need be and starts it as a replica set of one on free ports of 127.0.0.1, with no data.
 * `crash` kills it as a lost machine would, `restart` starts it again at the same URL on the same data,
 * `close` stops it and deletes the data. With `megabytes` the data lies on a disk of that size, which `fillDisk` fills
 * to the last byte and `freeDisk` empties again.
 */
export async function openEngine(log = () => undefined, { megabytes } = {}) {
  const folder = await installEngine(log);
  const run = await mkdtemp(join(tmpdir(), 'jenner-mongo-'));
  const data = join(run, 'data');
  await mkdir(data, { mode: 0o700 });
  if (megabytes !== undefined) await mountDisk(data, megabytes);
  await chown(data, serverUser, serverUser);
  const engine = {
    folder,
    run,
    data,
    log: await open(join(run, 'log'), 'a'),
    ports: [await freePort(), await freePort()],
  };
  const close = async () => {
    await stop(engine);
    await engine.log.close();
    if (megabytes !== undefined) await finished(spawn('umount', ['--lazy', data]), 'umount');
    await rm(run, { recursive: true, force: true });
  };
  try {
    await finished(
      start(
        engine,
        inRoot(engine, 'initdb', [
          '-D',
          '/data',
          '-U',
          'postgres',
          '-A',
          'trust',
          '-E',
          'UTF8',
          '--locale=C.UTF-8',
          '--no-sync',
        ]),
      ),
      'initdb',
    );
    await startServers(engine);
  } catch (error) {
    const told = (await readFile(join(run, 'log'), 'utf8')).split('\n').slice(-15).join('\n');
    await close();
    throw new Error(`The test engine did not start: ${error.message}\n${told}`, { cause: error });
  }
  return {
    name: `FerretDB over PostgreSQL with DocumentDB (${folder})`,
    url: `mongodb://127.0.0.1:${engine.ports[1]}/?replicaSet=rs0`,
    crash: () => crash(engine),
    restart: () => startServers(engine),
    fillDisk: () => fillDisk(join(data, ballast)),
    freeDisk: () => rm(join(data, ballast)),
    close,
  };
}

/** PostgreSQL looks at no file of this name. */
const ballast = 'ballast';

/** A disk in memory, so that no other disk is filled. */
function mountDisk(folder, megabytes) {
  const options = `size=${megabytes}m,mode=0700`;
  return finished(spawn('mount', ['-t', 'tmpfs', '-o', options, 'jenner-test', folder]), 'mount');
}

async function fillDisk(path) {
  const file = await open(path, 'w');
  try {
    for (let size = 1024 * 1024; size >= 1; ) {
      const written = await file.write(Buffer.alloc(size)).catch((error) => {
        if (error.code !== 'ENOSPC') throw error;
        return { bytesWritten: 0 };
      });
      if (written.bytesWritten < size) size = Math.floor(size / 2);
    }
  } finally {
    await file.close();
  }
}

const inRoot = ({ folder, data }, name, args) => [
  'unshare',
  [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    enter,
    'sh',
    join(folder, 'root'),
    data,
    program(name),
    ...args,
  ],
];

/** Starts a program in a group of its own, so that Ctrl-C reaches only who asked for it. */
function start(engine, [file, args], env = {}) {
  const stdio = ['ignore', engine.log.fd, engine.log.fd];
  return spawn(file, args, { stdio, detached: true, env: { PATH: process.env.PATH, LC_ALL: 'C', ...env } });
}

const ended = (child) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('close', resolve));

async function finished(child, name) {
  await ended(child);
  if (child.exitCode !== 0) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}`);
}

async function startServers(engine) {
  const [pg, mongo] = engine.ports;
  const asked = Object.entries({ ...settings, port: String(pg) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  engine.postgres = start(engine, inRoot(engine, 'postgres', ['-D', '/data', ...asked]));
  // The patch of FerretDB keeps the answers of numbered batches there.
  const sql = `CREATE EXTENSION IF NOT EXISTS documentdb CASCADE;
    CREATE TABLE IF NOT EXISTS answers (id text PRIMARY KEY, answer bytea)`;
  await until(engine.postgres, 'PostgreSQL', async () => {
    const psql = start(
      engine,
      inRoot(engine, 'psql', ['-q', '-h', '127.0.0.1', '-p', String(pg), '-U', 'postgres', '-c', sql]),
    );
    await ended(psql);
    return psql.exitCode === 0;
  });
  const args = [
    `--postgresql-url=postgres://postgres@127.0.0.1:${pg}/postgres?pool_max_conns=80`,
    `--listen-addr=127.0.0.1:${mongo}`,
    '--dev-repl-set-name=rs0',
    '--no-auth',
    '--telemetry=disable',
    '--debug-addr=-',
    `--state-dir=${engine.run}`,
    '--log-level=ERROR',
  ];
  engine.ferretdb = start(engine, [join(engine.folder, 'ferretdb'), args], { DO_NOT_TRACK: '1' });
  await until(engine.ferretdb, 'FerretDB', () => listens(mongo));
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** Asks every 0.1 s until it is so; throws after 60 s, or when the process has ended. */
async function until(child, name, isSo) {
  for (let n = 0; n < 600; n++) {
    if (await isSo()) return;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}`);
    }
    await sleep(100);
  }
  throw new Error(`${name} is not ready after 60 s`);
}

/** The processes that a process has started, which are gone only when it ends them. */
async function childrenOf(pid) {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return listed.split(' ').filter(Boolean).map(Number);
}

/** Kills PostgreSQL and all its processes: one that hangs would outlive the first. */
async function killPostgres(postgres) {
  const children = await childrenOf(postgres.pid);
  postgres.kill('SIGKILL');
  for (const pid of children) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
  await ended(postgres);
}

/** Kills both at once, as a lost machine would. */
async function crash({ ferretdb, postgres, ports }) {
  ferretdb.kill('SIGKILL');
  await Promise.all([killPostgres(postgres), ended(ferretdb)]);
  for (let n = 0; n < 50 && (await listens(ports[0])); n++) await sleep(100);
}

async function stop({ ferretdb, postgres }) {
  ferretdb?.kill('SIGTERM');
  await Promise.race([ferretdb && ended(ferretdb), sleep(3000)]);
  ferretdb?.kill('SIGKILL');
  if (!postgres) return;
  postgres.kill('SIGINT');
  await Promise.race([ended(postgres), sleep(5_000)]);
  if (postgres.exitCode === null && postgres.signalCode === null) await killPostgres(postgres);
}
