import type { ExportFile } from './export-plan.ts';
import type { Output, OutputFile } from './output.ts';

/** Not compressed: a client can hold a file in memory, and an export is not all in one. */
export const mostBytes = 128 * 1024 * 1024;

export type Splitting = {
  readonly output: Output;
  readonly id: string;
  /** Bytes of a file before it is compressed; tests lower it. */
  readonly mostBytes?: number | undefined;
};

/** Lines of one type, in as many files as they need. */
export type SplitFiles = {
  /** Answers the file that this has filled, if it has. */
  readonly write: (lines: Uint8Array, count: number) => Promise<ExportFile | undefined>;
  /** The last file, unless nothing was written since the one before. */
  readonly finish: () => Promise<ExportFile | undefined>;
  readonly abandon: () => Promise<void>;
};

export function splitFiles(
  { output, id, mostBytes: most = mostBytes }: Splitting,
  of: Pick<ExportFile, 'type' | 'holds'>,
  from: number,
): SplitFiles {
  let made = from;
  let file: OutputFile | undefined;
  let [bytes, count] = [0, 0];
  const nameOf = () => `${of.holds === 'resources' ? of.type : of.holds}-${made}.ndjson.gz`;
  const finish = async () => {
    if (!file) return undefined;
    const size = await file.finish();
    const done: ExportFile = { ...of, name: nameOf(), count, bytes: size };
    file = undefined;
    made++;
    [bytes, count] = [0, 0];
    return done;
  };
  return {
    write: async (lines, more) => {
      if (more === 0) return undefined;
      file ??= await output.create(id, nameOf());
      await file.write(lines);
      bytes += lines.length;
      count += more;
      return bytes >= most ? finish() : undefined;
    },
    finish,
    abandon: async () => {
      await file?.abandon();
    },
  };
}
