import type { MessageServices } from '../hl7v2/arrival.ts';
import type { KeptQuery } from '../hl7v2/kept/kept-documents.ts';
import { listKept, reprocess } from '../hl7v2/reprocess.ts';
import { OperatorError } from '../values/operator-error.ts';
import { createProgress } from './progress.ts';

export type ReprocessCommand = {
  readonly services: MessageServices;
  readonly query: KeptQuery;
  readonly output: NodeJS.WriteStream;
};

/** `jenner reporter reprocess NAME`: messages that are kept are answered anew; 1 where one is not accepted whole. */
export async function runReprocess({ services, query, output }: ReprocessCommand): Promise<number> {
  const { system } = services;
  const kept = await listKept(system, query);
  if (kept.length === 0) {
    throw new OperatorError(
      `nothing to reprocess: no message of ${query.account} is kept that was asked for`,
    );
  }
  const progress = createProgress(output, system.clock.now);
  progress.start('messages', kept.length);
  const counts: Record<string, number> = { AA: 0, AE: 0, AR: 0, gone: 0, duplicate: 0 };
  const changed: string[] = [];
  for (const [done, message] of kept.entries()) {
    const answered = await reprocess(services, query.account, message);
    const kind = answered.kind === 'answered' ? answered.code : answered.kind;
    if (answered.kind === 'answered' && kind !== message.code) {
      changed.push(`  DocumentReference/${message.id}: ${message.code}, now ${kind}\n`);
    }
    counts[kind] = (counts[kind] ?? 0) + 1;
    progress.update(done + 1, `${done + 1} of ${kept.length}`);
  }
  progress.stop();
  const { AA, AE, AR, gone, duplicate } = counts;
  const lost =
    (gone === 0 ? '' : `; ${gone} have no text any more`) +
    (duplicate === 0 ? '' : `; ${duplicate} have the control id of another message`);
  for (const line of changed) output.write(line);
  output.write(`reprocessed ${kept.length} messages: ${AA} AA, ${AE} AE, ${AR} AR${lost}\n`);
  return AA === kept.length ? 0 : 1;
}
