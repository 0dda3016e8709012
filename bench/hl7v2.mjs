// npm run bench -- hl7v2 [--people 100000] [--turns 6] [--flood SECONDS] [--rate VXU/S] [--messages 100000]
// [--profile FOLDER]
// What a message of HL7 v2 costs before anything is kept: taking it apart and reading every field that is read of a VXU,
// going over it by the guide, and writing the acknowledgement. The sample is ours, in the shape of NIST's send tests.
import { parseMessage, segmentOf } from '../dist/hl7v2/er7/message.js';
import { textAt } from '../dist/hl7v2/er7/piece.js';
import { checkVxu } from '../dist/hl7v2/guide/check-vxu.js';
import { writeAck } from '../dist/hl7v2/guide/write-ack.js';
import { shippedGuide } from '../dist/shipped/v2-guide.js';
import { sampleVxu } from './hl7v2-sample.mjs';
import { measureServer } from './hl7v2-server.mjs';

const limits = { parsePerSecond: 50_000 };
const seconds = 3;
const asOf = 20_000;

/** `--people N`: beside it, what a server takes that has so many. */
export async function run(args = []) {
  const option = (name, fallback) => Number(args.includes(name) ? args[args.indexOf(name) + 1] : fallback);
  const result = measureReading();
  const people = option('--people', 0);
  if (people > 0) {
    await measureServer({
      people,
      turns: option('--turns', 6),
      flood: option('--flood', 10),
      rate: option('--rate', 0),
      messages: option('--messages', 0),
      profile: args.includes('--profile') ? args[args.indexOf('--profile') + 1] : undefined,
    });
  }
  return result;
}

function measureReading() {
  const guide = shippedGuide();
  const message = parseMessage(sampleVxu(0));
  const leaves = readAll(message);
  const result = {
    segments: message.segments.length,
    bytes: sampleVxu(0).length,
    leaves,
    parsePerSecond: rate((text) => readAll(parseMessage(text))),
    checkPerSecond: rate((text) => checkVxu(guide, parseMessage(text), { asOf })),
    ackPerSecond: rate((text) => acknowledge(guide, parseMessage(text))),
    limits,
  };
  for (const [name, value] of Object.entries(result))
    console.log(`${name.padEnd(24)} ${JSON.stringify(value)}`);
  return result;
}

function acknowledge(guide, message) {
  const { findings } = checkVxu(guide, message, { asOf });
  return writeAck({ msh: segmentOf(message, 'MSH'), findings, controlId: 'bench', at: 0 });
}

/** The leaves that are read of a VXU, by segment: fields, and their components. */
const read = Object.entries({
  MSH: { 3: [1], 4: [1, 2], 7: [1], 9: [1, 2, 3], 10: [1], 11: [1], 12: [1], 22: [1, 10] },
  PID: {
    3: [1, 4, 5],
    5: [1, 2, 3, 4, 7],
    6: [1, 2, 7],
    7: [1],
    8: [1],
    10: [1, 2, 3],
    11: [1, 2, 3, 4, 5, 6, 7],
    13: [2, 3, 4, 6, 7],
    15: [1],
    22: [1, 2, 3],
    24: [1],
    25: [1],
    29: [1],
    30: [1],
  },
  PD1: { 3: [1, 10], 11: [1], 12: [1], 13: [1], 16: [1], 17: [1], 18: [1] },
  NK1: { 2: [1, 2, 3, 7], 3: [1, 2, 3], 4: [1, 2, 3, 4, 5, 6, 7], 5: [2, 3, 4, 6, 7] },
  ORC: { 2: [1, 2], 3: [1, 2], 9: [1], 10: [1, 2, 3, 9], 12: [1, 2, 3, 9], 17: [1, 2], 28: [1] },
  RXA: {
    3: [1],
    5: [1, 2, 3, 4, 5, 6],
    6: [1],
    7: [1, 2, 3],
    9: [1, 2],
    10: [1, 2, 3, 9],
    11: [4],
    15: [1],
    16: [1],
    17: [1, 2, 3],
    18: [1],
    19: [1],
    20: [1],
    21: [1],
    22: [1],
  },
  RXR: { 1: [1, 2, 3], 2: [1, 2, 3] },
  OBX: { 2: [1], 3: [1, 2, 3], 4: [1], 5: [1, 2, 3], 6: [1], 14: [1], 17: [1] },
});
const places = new Map(
  read.map(([name, fields]) => [
    name,
    Object.entries(fields).flatMap(([field, components]) =>
      components.map((component) => ({ field: Number(field), component })),
    ),
  ]),
);

/** Reads every leaf of those; how many say something. */
function readAll({ segments }) {
  let leaves = 0;
  for (const segment of segments) {
    for (const place of places.get(segment.name) ?? []) if (textAt(segment, place) !== undefined) leaves += 1;
  }
  return leaves;
}

/** Made before: what it takes to write them is not measured. */
const samples = Array.from({ length: 500 }, (_, at) => sampleVxu(at));

/** Rounds a second of CPU, after some that warm up: others may use the machine meanwhile. */
function rate(round) {
  const goRound = () => samples.forEach(round);
  for (let at = 0; at < 4; at++) goRound();
  const before = process.cpuUsage();
  const start = performance.now();
  let rounds = 0;
  while (performance.now() - start < seconds * 1000) {
    goRound();
    rounds += samples.length;
  }
  const { user, system } = process.cpuUsage(before);
  return Math.round(rounds / ((user + system) / 1_000_000));
}
