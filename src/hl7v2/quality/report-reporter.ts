import type { Reference } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Guide } from '../guide/guide.ts';
import { type KeptQuery, keptDocuments } from '../kept/kept-documents.ts';
import { accountSystem, readKept } from '../kept/kept-message.ts';
import type { Grade } from './grade-message.ts';
import { type GradedMessage, type ReporterReport, summarizeGrades } from './summarize-grades.ts';

/** A report, whose it is, and when its first and last message came. */
export type ReportOfReporter = {
  readonly report: ReporterReport;
  readonly reporter: Reference;
  readonly first?: string;
  readonly last?: string;
};

/** Sums up what is kept of a reporter's messages: their grades, one after another. */
export async function reportReporter(
  ctx: InteractionContext,
  guide: Guide,
  query: KeptQuery,
): Promise<ReportOfReporter> {
  const seen: { first?: string; last?: string; organization?: string } = {};
  const messages = gradedMessages(ctx, query, (document) => {
    const { date, organization } = authorOf(document);
    if (date !== undefined && date < (seen.first ?? '9')) seen.first = date;
    if (date !== undefined && date > (seen.last ?? '')) seen.last = date;
    if (organization !== undefined) seen.organization = organization;
  });
  const report = await summarizeGrades(guide.quality, guide.detections, messages);
  const { organization, ...span } = seen;
  const identifier = { system: accountSystem, value: query.account };
  const reporter = {
    ...(organization !== undefined && { reference: organization }),
    identifier,
    display: query.account,
  };
  return { report, reporter, ...span };
}

async function* gradedMessages(
  ctx: InteractionContext,
  query: KeptQuery,
  note: (document: Resource) => void,
): AsyncGenerator<GradedMessage> {
  for await (const { text } of keptDocuments(ctx, query)) {
    const document = JSON.parse(text) as Resource;
    note(document);
    const { code, grade } = readKept(document);
    const known = code === 'AE' || code === 'AR' ? code : 'AA';
    yield { code: known, ...(grade !== undefined && { grade: JSON.parse(grade) as Grade }) };
    await ctx.pace();
  }
}

function authorOf(document: Resource): { readonly date?: string; readonly organization?: string } {
  const { date, author } = document as {
    readonly date?: string;
    readonly author?: readonly { readonly reference?: string }[];
  };
  const organization = author?.find(({ reference }) => reference?.startsWith('Organization/'))?.reference;
  return { ...(date !== undefined && { date }), ...(organization !== undefined && { organization }) };
}
