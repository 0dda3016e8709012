// Preloaded into a command that is measured: at its end it says what it has cost with all its threads.
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.send) {
  process.channel.unref();
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    const written = /write_bytes: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1];
    process.send({ cpu: (user + system) / 1e6, bytesWritten: Number(written) });
  });
}
