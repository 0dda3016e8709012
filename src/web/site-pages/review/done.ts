import type { InteractionContext } from '../../../interaction/context.ts';
import { readPersonNamed } from '../../person-reading.ts';
import { nameOfPerson } from '../../person-words.ts';
import { type Done, readQuestion } from './load-question.ts';

/** What was decided on the page before, for who may take it back. */
export async function loadDone(ctx: InteractionContext, id: string | undefined): Promise<Done | undefined> {
  const question = await readQuestion(ctx, id);
  if (question?.decision === undefined) return undefined;
  const [newer, known] = await Promise.all(question.people.map((person) => readPersonNamed(ctx, person)));
  return { question, names: newer && known ? [nameOfPerson(newer), nameOfPerson(known)] : undefined };
}
