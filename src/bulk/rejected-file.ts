import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Problem } from '../fhir/problem.ts';

export type RejectedFile = {
  /** Keeps a refused line with its number, the reason and its text. The file is made when the first one comes. */
  readonly write: (line: number, text: string, problem: Problem) => Promise<void>;
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export function openRejectedFile(source: string, directory: string): RejectedFile {
  const name = basename(source).replace(/\.(ndjson|jsonl|json)(\.gz)?$/i, '');
  const path = join(directory, `${name}.rejected.ndjson`);
  let handle: Promise<FileHandle> | undefined;
  const ensure = () => {
    handle ??= mkdir(directory, { recursive: true }).then(() => open(path, 'a'));
    return handle;
  };
  return {
    write: async (line, text, problem) => {
      const issues = problem.issues.map(({ text: reason, expression }) => ({ reason, expression }));
      const file = await ensure();
      await file.appendFile(`${JSON.stringify({ line, reason: problem.message, issues, text })}\n`);
    },
    flush: async () => {
      await (await handle)?.sync();
    },
    close: async () => {
      await (await handle)?.close();
    },
  };
}
