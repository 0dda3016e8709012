import type { DocumentReference } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import { withinDays } from '../../../interaction/local-days.ts';
import { searchResources } from '../../../interaction/search-resources.ts';
import { type EpochDay, formatEpochDay } from '../../../values/epoch-day.ts';
import type { ReporterShown, ReportersPort } from '../../site/reporters-port.ts';

export type Criteria = readonly (readonly [string, string])[];

/** The reports of a sender: vaccinations, and no queries. */
export function messagesOf({ accountSystem }: ReportersPort, account: string): Criteria {
  return [
    ['type', 'VXU_V04'],
    ['author:identifier', `${accountSystem}|${account}`],
  ];
}

export async function countMessages(ctx: InteractionContext, criteria: Criteria): Promise<number> {
  const { total = 0 } = await searchResources(
    ctx,
    ['DocumentReference'],
    [...criteria, ['_summary', 'count']],
    'strict',
  );
  return total;
}

export function daysAgo({ clock }: InteractionContext, days: number): string {
  return formatEpochDay((clock.today() - days) as EpochDay);
}

export async function findReporter(
  { list }: ReportersPort,
  account: string | undefined,
): Promise<ReporterShown | undefined> {
  return (await list()).find((one) => one.account === account);
}

export type Week = { readonly from: string; readonly messages: number; readonly faulty: number };

const weeksShown = 12;

/** Week by week, the oldest first: how many came, and how many of them with errors. */
export async function weeksOf(ctx: InteractionContext, of: Criteria): Promise<readonly Week[]> {
  const weeks: Week[] = [];
  for (let back = weeksShown; back > 0; back--) {
    const [from, to] = [daysAgo(ctx, back * 7 - 1), daysAgo(ctx, (back - 1) * 7)];
    const within: Criteria = [...of, ...withinDays(ctx, { from, to })];
    const messages = await countMessages(ctx, within);
    const faulty = messages === 0 ? 0 : await countMessages(ctx, [...within, ['category', 'AE,AR']]);
    weeks.push({ from, messages, faulty });
  }
  return weeks;
}

/** What is wrong with a message: its code, and what it says where that is known. */
export type Finding = { readonly code: string; readonly text: string | undefined };

export type MessageRow = {
  readonly id: string;
  readonly controlId: string;
  readonly came: string;
  readonly outcome: string;
  readonly found: readonly Finding[];
};

export function toMessageRow(
  document: DocumentReference,
  { textOf }: Pick<ReportersPort, 'textOf'>,
): MessageRow {
  const { id = '', identifier = [], date = '', category = [], context } = document;
  return {
    id,
    controlId: identifier[0]?.value ?? '',
    came: date,
    outcome: category[0]?.coding?.[0]?.code ?? '',
    found: (context?.event ?? []).flatMap(({ coding = [] }) => {
      const code = coding[0]?.code;
      return code === undefined ? [] : [{ code, text: textOf(code) }];
    }),
  };
}
