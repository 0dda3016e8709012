// A lean HTTP/1.1 client over raw sockets: one request at a time on each connection, so that the client costs little
// beside the server that is measured.
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

/**
 * Sends requests from `next()` over `connections` sockets for some seconds, or until it has no more; answers rate,
 * latencies and statuses. With `rate` that many a second, each at its moment whatever became of those before: a latency
 * counts from the moment at which the request was to be sent.
 */
export async function load({
  port,
  connections,
  seconds = Number.POSITIVE_INFINITY,
  next,
  awake = true,
  rate,
}) {
  const latencies = [];
  const statuses = {};
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  const rest = awake ? stayAwake() : () => undefined;
  const pause = rate === undefined ? 0 : (connections / rate) * 1000;
  const drivers = Array.from({ length: connections }, (_, at) =>
    drive(port, { next, until, latencies, statuses, pause, first: started + (pause * at) / connections }),
  );
  await Promise.all(drivers);
  rest();
  const elapsed = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
  return {
    requests: latencies.length,
    perSecond: latencies.length / elapsed,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    statuses,
  };
}

/**
 * The client polls and never sleeps. To wake it costs the server, most of all on a virtual machine, and only a
 * client that waits for its server sleeps: the limit, which keeps the client busy, would be measured without it.
 */
function stayAwake() {
  let isAwake = true;
  const turn = () => {
    if (isAwake) setImmediate(turn);
  };
  turn();
  return () => {
    isAwake = false;
  };
}

function drive(port, { next, until, latencies, statuses, pause, first }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let pending = Buffer.alloc(0);
    let sentAt = first - pause;
    const end = () => {
      socket.end();
      resolve();
    };
    const sendAt = (moment) => {
      const request = moment >= until ? undefined : next();
      if (request === undefined) return end();
      sentAt = moment;
      socket.write(request);
    };
    const send = () => {
      const now = performance.now();
      if (pause === 0) return sendAt(now);
      const due = sentAt + pause;
      if (due <= now || due >= until) return sendAt(due);
      setTimeout(sendAt, due - now, due);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const whole = wholeAnswer(pending);
      if (!whole) return;
      pending = pending.subarray(whole.length);
      latencies.push(performance.now() - sentAt);
      statuses[whole.status] = (statuses[whole.status] ?? 0) + 1;
      send();
    });
  });
}

function wholeAnswer(buffer) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = buffer.toString('latin1', 0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const total = end + 4 + length;
  return buffer.length < total ? undefined : { length: total, status: head.slice(9, 12) };
}

export function getRequest(path) {
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/fhir+json\r\n\r\n`;
}

export function postRequest(path, body) {
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/fhir+json\r\ncontent-length: ${length}\r\n\r\n${body}`;
}
