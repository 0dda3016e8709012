import { toLines } from '../store/contract/snapshot.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { laterTurn } from '../values/turns.ts';
import { rowFormats } from '../views/row-format.ts';
import { startPacker, type ThreadedPacker } from '../views/threaded-packer.ts';
import type { ExportFile, PlannedView } from './export-plan.ts';
import type { ForecastAsked, PersonForecast } from './forecasts.ts';
import type { OutputFile } from './output.ts';
import { type SplitFiles, type Splitting, mostBytes as usuallyMost } from './split-files.ts';

export type ViewSplitting = Splitting & {
  readonly baseUrl: string;
  /** What is forecast for a person; absent where nobody forecasts. */
  readonly forecast?: ((id: ResourceId, asked: ForecastAsked) => Promise<PersonForecast>) | undefined;
  /** Told of who cannot be forecast, and why. */
  readonly onFailure: (id: ResourceId, reason: string) => void;
};

/** Rows of a view, in as many files as they need. Each is a table by itself, made in a thread of its own. */
export function viewFiles(splitting: ViewSplitting, view: PlannedView, from: number): SplitFiles {
  const { output, id, baseUrl, mostBytes = usuallyMost } = splitting;
  const { definition, format } = view;
  let made = from;
  // A thread makes one table after the other: a new one would compile its code anew.
  let packer: ThreadedPacker | undefined;
  let file: OutputFile | undefined;
  let [bytes, count] = [0, 0];
  const nameOf = () => `${view.name}-${made}.${rowFormats[format].extension}${format === 'csv' ? '.gz' : ''}`;
  const close = async () => {
    await packer?.close();
    packer = undefined;
  };
  const abandon = async () => {
    await close();
    await file?.abandon();
    file = undefined;
  };
  const end = async () => {
    if (!file || !packer) return undefined;
    const rest = await packer.finish();
    if (count === 0) {
      await file.abandon();
      file = undefined;
      bytes = 0;
      return undefined;
    }
    await file.write(rest.bytes);
    const size = await file.finish();
    const of = { type: view.resource, holds: 'resources', view: view.name } as const;
    const done: ExportFile = { ...of, name: nameOf(), count, bytes: size };
    file = undefined;
    made++;
    [bytes, count] = [0, 0];
    return done;
  };
  return {
    write: async (lines, resources) => {
      if (resources === 0) return undefined;
      const shown = view.asOf === undefined ? lines : await forecastLines(splitting, view, view.asOf, lines);
      packer ??= await startPacker({ definition, format, baseUrl, header: true });
      file ??= await output.create(id, nameOf());
      const packed = await packer.pack(shown);
      if (packed.bytes.length > 0) await file.write(packed.bytes);
      bytes += shown.length;
      count += packed.rows;
      return bytes >= mostBytes ? end() : undefined;
    },
    finish: async () => {
      const done = await end();
      await close();
      return done;
    },
    abandon,
  };
}

/** Every resource is kept with its type and id first. */
const idOfPatient = /^\{"resourceType":"Patient","id":"([A-Za-z0-9.-]{1,64})"/gm;

async function forecastLines(
  { forecast, onFailure }: ViewSplitting,
  { resource, reader }: PlannedView,
  asOf: string,
  lines: Uint8Array,
): Promise<Uint8Array> {
  if (!forecast) throw new Error('nobody forecasts here');
  const texts: string[] = [];
  const patients = Buffer.from(lines.buffer, lines.byteOffset, lines.length).toString('latin1');
  for (const [, id = ''] of patients.matchAll(idOfPatient)) {
    // A forecast takes milliseconds: others come first before each.
    await laterTurn();
    const found = await forecast(id as ResourceId, { type: resource, asOf, reader });
    texts.push(...found.texts);
    if (found.failure !== undefined) onFailure(id as ResourceId, found.failure);
  }
  return toLines(texts);
}
