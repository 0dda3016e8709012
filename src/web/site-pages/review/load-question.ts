import type { Immunization, Patient, Task } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import { searchAll } from '../../../interaction/search-all.ts';
import { searchResources } from '../../../interaction/search-resources.ts';
import type { Grouping } from '../../../registry/deduplication/group-doses.ts';
import { parseResourceId } from '../../../values/resource-id.ts';
import { readOrganization, readPersonNamed } from '../../person-reading.ts';
import type { Visit } from '../../site/page-door.ts';
import type { SiteServices } from '../../site/site-services.ts';
import type { VaccineNames } from '../../vaccine-names/find-vaccine.ts';
import { countAlso, personNow } from './meanwhile.ts';
import { codeOfKind, isAnswered, type Question, toQuestion } from './question.ts';
import { vaccineNameOf } from './review-words.ts';

export type Side = {
  /** As it is now: the person, where the record was found to be one with others. */
  readonly patient: Patient;
  readonly clinic?: string;
  /** The record that was asked of, where that is another by now. */
  readonly askedOf?: string;
};

/** A dose of either record, and what it would come to were they one. */
export type JoinedDose = {
  readonly dose: Immunization;
  readonly vaccine: string;
  /** Of which of the two records it is. */
  readonly side: 0 | 1;
  readonly becomes: 'counts' | 'told-twice' | 'unsure';
};

export type DoseSide = {
  readonly dose: Immunization;
  readonly vaccine: string;
  readonly clinic?: string;
};

export type QuestionData = {
  readonly question: Question;
  readonly sides: readonly [Side, Side];
  /** Of a question of people. */
  readonly joined: readonly JoinedDose[];
  /** Of a question of doses. */
  readonly doses?: readonly [DoseSide, DoseSide];
  /** How many more questions ask of the same two persons. */
  readonly also: number;
  readonly done?: Done;
  readonly isUndone?: boolean;
};

/** What was decided on the page before. */
export type Done = { readonly question: Question; readonly names: readonly [string, string] | undefined };

export async function readQuestion(ctx: InteractionContext, text: string | undefined) {
  const id = text === undefined ? undefined : parseResourceId(text);
  const found = id && (await ctx.view.read({ type: 'Task', id }));
  return found?.text === undefined ? undefined : toQuestion(JSON.parse(found.text) as Task);
}

export async function loadQuestion(
  { ctx }: Pick<Visit, 'ctx'>,
  id: string | undefined,
  { dosesAsOne, vaccineNames }: Pick<SiteServices, 'dosesAsOne' | 'vaccineNames'>,
): Promise<QuestionData | undefined> {
  const question = await readQuestion(ctx, id);
  if (!question) return undefined;
  const sides = await readSides(ctx, question);
  if (!sides) return undefined;
  if (question.kind === 'doses') {
    const doses = await readDoses(ctx, question, vaccineNames());
    return doses && { question, sides, joined: [], also: 0, doses };
  }
  const both = await dosesOfBoth(ctx, question.people, vaccineNames());
  const grouping = await dosesAsOne(
    ctx,
    question.people,
    both.map(({ dose }) => dose),
  );
  const also = isAnswered(question)
    ? 0
    : await countAlso(ctx, question, [sides[0].patient, sides[1].patient]);
  return { question, sides, joined: joinedDoses(both, grouping), also };
}

/** Of two who are one by now the records are shown, and of others the persons to whom they belong. */
async function readSides(
  ctx: InteractionContext,
  { people, kind }: Question,
): Promise<readonly [Side, Side] | undefined> {
  const [newer, known] = await Promise.all(people.map((id) => readPersonNamed(ctx, id)));
  if (!newer || !known) return undefined;
  const [newerNow, knownNow] = [await personNow(ctx, newer), await personNow(ctx, known)];
  const isOne = newerNow.id === knownNow.id || kind === 'doses';
  return [
    await toSide(ctx, newer, isOne ? newer : newerNow),
    await toSide(ctx, known, isOne ? known : knownNow),
  ];
}

async function toSide(ctx: InteractionContext, asked: Patient, patient: Patient): Promise<Side> {
  const clinic = (await readOrganization(ctx, patient.managingOrganization?.reference))?.name;
  return {
    patient,
    ...(clinic !== undefined && { clinic }),
    ...(asked.id !== undefined && asked.id !== patient.id && { askedOf: asked.id }),
  };
}

async function readDoses(ctx: InteractionContext, { doses = ['', ''] }: Question, names: VaccineNames) {
  const sides: DoseSide[] = [];
  for (const text of doses) {
    const id = parseResourceId(text);
    const found = id && (await ctx.view.read({ type: 'Immunization', id }));
    if (found?.text === undefined) return undefined;
    const dose = JSON.parse(found.text) as Immunization;
    const actor = dose.performer?.find(({ actor: one }) => one.reference?.startsWith('Organization/'))?.actor;
    const clinic = (await readOrganization(ctx, actor?.reference))?.name ?? actor?.display;
    const vaccine = vaccineNameOf(dose, names);
    sides.push({ dose, vaccine, ...(clinic !== undefined && { clinic }) });
  }
  const [newer, other] = sides;
  return newer && other ? ([newer, other] as const) : undefined;
}

type OfSide = Omit<JoinedDose, 'becomes'>;

/** Each once: where the two are one already, a search by either finds the doses of both. */
async function dosesOfBoth(
  ctx: InteractionContext,
  people: readonly [string, string],
  names: VaccineNames,
): Promise<readonly OfSide[]> {
  const found = new Map<string, OfSide>();
  for (const person of people) {
    for (const { text } of await searchAll(ctx, 'Immunization', [['patient', `Patient/${person}`]])) {
      const dose = JSON.parse(text ?? '{}') as Immunization;
      if (dose.status !== 'completed') continue;
      const vaccine = vaccineNameOf(dose, names);
      found.set(dose.id ?? '', { dose, vaccine, side: sideOf(dose, person, people) });
    }
  }
  const dayOf = ({ dose }: OfSide) => dose.occurrenceDateTime ?? dose.occurrenceString ?? '';
  return [...found.values()].sort((one, other) => (dayOf(one) < dayOf(other) ? -1 : 1));
}

/** Of which of the two it is: by its own record, else by whose doses were looked for. */
function sideOf({ patient }: Immunization, person: string, people: readonly [string, string]): 0 | 1 {
  const own = people.find((one) => patient.reference === `Patient/${one}`) ?? person;
  return own === people[0] ? 0 : 1;
}

function joinedDoses(both: readonly OfSide[], { groups, unsure }: Grouping): readonly JoinedDose[] {
  const alternates = new Set(groups.flatMap((group) => group.alternates));
  const asked = new Set(unsure.flatMap(({ a, b }) => [a, b]));
  return both.map((one) => {
    const id = one.dose.id ?? '';
    return {
      ...one,
      becomes: alternates.has(id) ? 'told-twice' : asked.has(id) ? 'unsure' : 'counts',
    };
  });
}

/** The next of the queue that nobody has answered. */
export async function nextQuestion(
  ctx: InteractionContext,
  { id, kind }: Pick<Question, 'id' | 'kind'>,
): Promise<string | undefined> {
  const { matches } = await searchResources(
    ctx,
    ['Task'],
    [
      ['code', codeOfKind[kind]],
      ['status', 'requested'],
      ['_sort', 'authored-on'],
      ['_count', '2'],
    ],
    'strict',
  );
  return matches.map((match) => String(match.id)).find((other) => other !== id);
}
