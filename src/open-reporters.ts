import type { Guide } from './hl7v2/guide/guide.ts';
import { accountSystem } from './hl7v2/kept/kept-message.ts';
import { renderReport } from './hl7v2/quality/render-report.ts';
import { reportReporter } from './hl7v2/quality/report-reporter.ts';
import { textOfDetection } from './hl7v2/quality/summarize-grades.ts';
import type { AdminRecords } from './pages/admin-records.ts';
import type { ReportersPort } from './web/site/reporters-port.ts';

/** Who sends messages, and how good they are, as pages show it. */
export function reportersOf(guide: Guide, users: AdminRecords): ReportersPort {
  return {
    accountSystem,
    list: async () =>
      (await users.list())
        .filter(({ values }) => values['role'] === 'interface')
        .map(({ values, isDisabled }) => ({
          account: values['login'] ?? '',
          organizations: (values['organization'] ?? '').split('\n').filter((id) => id !== ''),
          isDisabled,
        })),
    textOf: (code) => textOfDetection(guide.detections, code),
    report: async (ctx, asked) => (await reportReporter(ctx, guide, asked)).report,
    text: async (ctx, asked) => {
      const { report } = await reportReporter(ctx, guide, asked);
      return renderReport(report, { reporter: asked.account, since: asked.since });
    },
  };
}
