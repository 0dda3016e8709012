import type { ResourceType } from '../fhir/resource-type.ts';
import { subsetStored } from '../interaction/subset-stored.ts';
import type { StoredResource } from '../store/contract/store.ts';
import { nextTurn } from '../values/turns.ts';
import type { Writing } from './writing.ts';

/** Of each text the root elements that were asked for, and what must stay. */
export async function subsetTexts(
  { context }: Pick<Writing, 'context'>,
  type: ResourceType,
  texts: readonly string[],
  elements: readonly string[],
): Promise<readonly string[]> {
  const ctx = { elementTables: context.elementTables, pace: nextTurn } as Parameters<typeof subsetStored>[0];
  const kept: string[] = [];
  for (const text of texts) {
    await nextTurn();
    const stored = { type, id: '', text } as unknown as StoredResource;
    kept.push((await subsetStored(ctx, stored, { kind: 'elements', elements })).text);
  }
  return kept;
}
