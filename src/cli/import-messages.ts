import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ImportSource } from '../bulk/import-source.ts';
import { findRejectedRoom, openRejectedFile, type RejectedFile } from '../bulk/rejected-file.ts';
import { Problem } from '../fhir/problem.ts';
import type { AnswerMessage, SentMessage } from '../hl7v2/arrival.ts';
import { maxMessage } from '../hl7v2/door/hl7v2-plugin.ts';
import { type BatchItem, splitBatch } from '../hl7v2/er7/split-batch.ts';

export type MessageImport = {
  readonly answer: AnswerMessage;
  /** Who sends what lies in the files. */
  readonly account: SentMessage['account'];
  readonly rejectedDirectory: string;
  readonly progress: {
    readonly begin: (source: ImportSource) => void;
    readonly advance: (bytesRead: number, counts: MessageCounts) => void;
    readonly end: (source: ImportSource, counts: MessageCounts) => void;
  };
};

/** `partly`: something of it was not kept. */
export type MessageCounts = {
  accepted: number;
  partly: number;
  refused: number;
  /** Batches that hold other than they say, and files that are cut off. */
  incomplete: number;
};

/** So many are answered at once; those of one person one after the other. */
const atOnce = 8;

/**
 * Files of HL7 v2 messages: batches (FHS, BHS), or messages one after another. Each is answered as if it had come by a
 * connection; what was not kept whole is written beside with the reason. An import that is run again is told of each
 * message that it came before.
 */
export async function importMessages(
  sources: readonly ImportSource[],
  options: MessageImport,
): Promise<MessageCounts> {
  const room = await findRejectedRoom(options.rejectedDirectory);
  const counts: MessageCounts = { accepted: 0, partly: 0, refused: 0, incomplete: 0 };
  for (const source of sources) {
    const { path } = source;
    const rejected = await openRejectedFile({
      source: path,
      directory: options.rejectedDirectory,
      room,
      done: 0,
    });
    try {
      await importSource(source, options, counts, rejected);
    } finally {
      await rejected.close();
    }
  }
  return counts;
}

async function importSource(
  source: ImportSource,
  options: MessageImport,
  counts: MessageCounts,
  rejected: RejectedFile,
): Promise<void> {
  const { progress } = options;
  progress.begin(source);
  const read = { bytes: 0 };
  const line = openLine();
  for await (const item of splitBatch(chunksOf(source, read), { longest: maxMessage })) {
    await line.add(keyOf(item), () => takeItem(item, options, counts, rejected));
    progress.advance(read.bytes, counts);
  }
  await line.end();
  progress.end(source, counts);
}

/** Latin-1 keeps every byte: what they mean is each message's own matter (MSH-18). */
async function* chunksOf({ path, gzip }: ImportSource, read: { bytes: number }): AsyncGenerator<string> {
  const file = createReadStream(path);
  file.on('data', (chunk) => {
    read.bytes += chunk.length;
  });
  const bytes = gzip ? pipeline(file, createGunzip(), () => undefined) : file;
  for await (const chunk of bytes) yield (chunk as Buffer).toString('latin1');
}

/** Whom a message is about, by PID-3 as it stands there. */
function keyOf(item: BatchItem): string {
  if (item.kind !== 'message') return '';
  return /[\r\n]PID[^\w]([^\r\n]*)/.exec(item.text)?.[1]?.split('|')[2] ?? '';
}

async function takeItem(
  item: BatchItem,
  { answer, account }: MessageImport,
  counts: MessageCounts,
  rejected: RejectedFile,
): Promise<void> {
  switch (item.kind) {
    case 'stray':
      counts.refused++;
      return rejected.write(0, item.text, new Problem('invalid-syntax', 'It stands before any MSH'));
    case 'incomplete':
      counts.incomplete++;
      return rejected.write(0, undefined, new Problem('invalid-content', item.reason));
    case 'too-long': {
      counts.refused++;
      const told = `Message ${item.number} is longer than ${maxMessage / 1024 / 1024} MiB`;
      return rejected.write(item.number, undefined, new Problem('too-large', told));
    }
    case 'message': {
      const bytes = Buffer.from(item.text, 'latin1');
      const answered = readAnswer(await answer({ account, bytes, from: 'import' }));
      counts[answered.kind]++;
      if (answered.kind === 'accepted') return;
      await rejected.write(item.number, item.text, new Problem('business-rule', answered.reasons.join(' ')));
    }
  }
}

type Answered = {
  readonly kind: Exclude<keyof MessageCounts, 'incomplete'>;
  readonly reasons: readonly string[];
};

/** What an acknowledgement says: its code, and what its errors tell people (ERR-8, at ERR-2). */
function readAnswer(answer: string): Answered {
  const segments = answer.split('\r').map((segment) => segment.split('|'));
  const code = segments.find(([name]) => name === 'MSA')?.[1];
  const errors = segments.filter((segment) => segment[0] === 'ERR' && segment[4] === 'E');
  const reasons = errors.map((error) => `${error[2]?.replaceAll('^', '-')}: ${error[8]}`);
  if (code === 'AA') return { kind: 'accepted', reasons };
  return { kind: code === 'AE' && isPartOfIt(errors) ? 'partly' : 'refused', reasons };
}

/** An error of the person, or of the message, keeps all of it out. */
function isPartOfIt(errors: readonly (readonly string[])[]): boolean {
  return errors.every((error) => !/^(?:MSH|PID)\b/.test(error[2] ?? 'MSH'));
}

/** Work in line: so much at once, and what has one key in its order. The first failure ends it. */
function openLine() {
  const last = new Map<string, Promise<void>>();
  const running = new Set<Promise<void>>();
  const add = async (key: string, work: () => Promise<void>) => {
    while (running.size >= atOnce) await Promise.race(running);
    const before = last.get(key) ?? Promise.resolve();
    const done = before.then(work).finally(() => {
      running.delete(done);
      if (last.get(key) === done) last.delete(key);
    });
    running.add(done);
    last.set(key, done);
  };
  return { add, end: async () => void (await Promise.all(running)) };
}
