import type { Guide } from '../hl7v2/guide/guide.ts';
import type { KeptQuery } from '../hl7v2/kept/kept-documents.ts';
import { renderReport } from '../hl7v2/quality/render-report.ts';
import { reportReporter } from '../hl7v2/quality/report-reporter.ts';
import { toMeasureReport } from '../hl7v2/quality/to-measure-report.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { formatInstant } from '../values/instant.ts';
import { OperatorError } from '../values/operator-error.ts';

export type ReportForm = 'text' | 'json' | 'fhir';

export type ReportCommand = {
  readonly ctx: InteractionContext;
  readonly guide: Guide;
  readonly query: KeptQuery;
  readonly form: ReportForm;
  readonly output: { readonly write: (text: string) => unknown };
};

/** `jenner reporter report NAME`: how good the data of a reporter are. */
export async function runReport({ ctx, guide, query, form, output }: ReportCommand): Promise<number> {
  const { report, reporter, first, last } = await reportReporter(ctx, guide, query);
  const { account, since, until } = query;
  if (report.messages === 0 || first === undefined || last === undefined) {
    throw new OperatorError(`nothing to report: no message of ${account} is kept that was asked for`);
  }
  if (form === 'text') output.write(renderReport(report, { reporter: account, since, until }));
  if (form === 'json') output.write(`${JSON.stringify({ reporter: account, since, until, ...report })}\n`);
  if (form === 'fhir') {
    const facts = {
      reporter,
      start: since ?? first,
      end: until ?? last,
      date: formatInstant(ctx.clock.now()),
    };
    output.write(`${JSON.stringify(toMeasureReport(report, facts))}\n`);
  }
  return 0;
}
