import { type Issue, Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseQuery } from '../interaction/parse-query.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import { parseEpochDay } from '../values/partial-date.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { laterTurn } from '../values/turns.ts';

/** What is forecast for a person: each vaccine group by its name, with the code of its `forecastStatus`. */
export type PersonStates = {
  readonly id: ResourceId;
  readonly groups: readonly {
    readonly group: string;
    readonly forecastStatus: string;
    /** `due` and `overdue` among others: a notComplete that has come, and one that is late. */
    readonly status: string;
  }[];
  /** Why nothing could be forecast; then there are no groups. */
  readonly problem?: Problem;
};

/** What is forecast for these people on a day, or today, in their order. */
export type StatesOf = ((
  ctx: InteractionContext,
  persons: readonly ResourceId[],
  day: EpochDay | undefined,
) => AsyncIterable<PersonStates>) & {
  /** The names of all vaccine groups that schedules have, and the codes that may be said of them. */
  readonly known: { readonly groups: readonly string[]; readonly statuses: readonly string[] };
};

/** A criterion that a forecast meets. */
export type State = {
  readonly group: string;
  readonly status: string;
  readonly asOf: EpochDay | undefined;
};

/** Of more people than these it is not said why they are left out. */
const mostTold = 100;

/**
 * `group=MMR&status=notComplete&asOf=2026-11-28`; asOf is today when absent. What nobody can be in is refused: its Group
 * would be empty, and look as if all were vaccinated.
 */
export function readState(expression: string, states: StatesOf | undefined): State {
  if (!states) throw refused('nobody forecasts here');
  const asked = readOnce(expression, ['group', 'status', 'asOf']);
  const [group, status, text] = [asked.get('group'), asked.get('status'), asked.get('asOf')];
  const asOf = text === undefined ? undefined : parseEpochDay(text);
  if (text !== undefined && asOf === undefined) {
    throw refused(`asOf=${text.slice(0, 80)} is not a whole date`);
  }
  if (group === undefined || status === undefined) {
    throw refused('a forecast is asked for by group=…&status=…');
  }
  const { groups, statuses } = states.known;
  requireOneOf('group', group, groups);
  requireOneOf('status', status, statuses);
  return { group, status, asOf };
}

/** A name that is misspelled would be passed over, and the cohort be another one. */
function readOnce(expression: string, names: readonly string[]): ReadonlyMap<string, string> {
  const asked = new Map<string, string>();
  for (const [name, text] of parseQuery(expression)) {
    const fault = !names.includes(name) ? 'is not known' : asked.has(name) ? 'may be said once' : undefined;
    if (fault !== undefined) {
      throw refused(`${name.slice(0, 80)} ${fault}; a forecast is asked for by ${names.join(', ')}`);
    }
    asked.set(name, text);
  }
  return asked;
}

function requireOneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw refused(`${name}=${value.slice(0, 80)} is none of ${known.join(', ')}`);
}

function refused(text: string): Problem {
  return new Problem('not-supported', `member-filter: ${text}`);
}

/** Those of the persons who are in all states; of whom nothing can be forecast it is told, and the others count. */
export async function personsInStates(
  ctx: InteractionContext,
  persons: readonly ResourceId[],
  asked: readonly State[],
  states: StatesOf | undefined,
): Promise<{ readonly persons: readonly ResourceId[]; readonly issues: readonly Issue[] }> {
  if (!states) return { persons, issues: [] };
  const issues: Issue[] = [];
  let left = persons;
  for (const day of new Set(asked.map(({ asOf }) => asOf))) {
    const ofDay = asked.filter(({ asOf }) => asOf === day);
    const found: ResourceId[] = [];
    for await (const { id, groups, problem } of states(ctx, left, day)) {
      await laterTurn();
      if (problem) issues.push(leftOut(id, problem));
      else if (ofDay.every((state) => groups.some(isIn(state)))) found.push(id);
    }
    left = found;
  }
  return { persons: left, issues: fewOf(issues) };
}

function isIn({ group, status }: State): (one: PersonStates['groups'][number]) => boolean {
  const isOfNeed = status === 'due' || status === 'overdue';
  return (one) => one.group === group && (isOfNeed ? one.status : one.forecastStatus) === status;
}

function leftOut(id: ResourceId, { message }: Problem): Issue {
  const text = `Patient/${id} is left out of the Group, since nothing can be forecast: ${message}`;
  return { severity: 'warning', code: 'incomplete', text };
}

function fewOf(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length <= mostTold) return issues;
  const text = `${issues.length - mostTold} more are left out of the Group for such reasons`;
  return [...issues.slice(0, mostTold), { severity: 'warning', code: 'incomplete', text }];
}
