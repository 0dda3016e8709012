import type { Criterion, ReporterReport, Share } from './summarize-grades.ts';

export type ReportTitle = {
  readonly reporter: string;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
};

/** A report as text, for a terminal or a letter. */
export function renderReport(report: ReporterReport, { reporter, since, until }: ReportTitle): string {
  const { messages, answers, acceptance, doses, administered, timeliness, validity } = report;
  const span = [since && `from ${since}`, until && `to ${until}`].filter(Boolean).join(' ');
  const lines = [
    `${reporter}${span === '' ? '' : `, ${span}`}`,
    '',
    row('messages', `${messages}: ${answers.AA} accepted, ${answers.AE} with errors, ${answers.AR} refused`),
    row('accepted', percent(acceptance)),
    row('doses', `${doses}, ${administered} of them given by the reporter`),
    row('in time', percent(timeliness)),
    ...report.days.map(({ upTo, count }) =>
      row(upTo === undefined ? '  later' : `  within ${upTo} days`, `${count}`),
    ),
    row('without fault', percent(validity)),
    '',
    'how often given',
    ...report.completeness.map((field) =>
      row(`  ${field.name}`, `${percent(field)}, at least ${ratio(field.least)}`),
    ),
    ...(report.issues.length > 0 ? ['', 'what was found most'] : []),
    ...report.issues.slice(0, 20).map(({ code, text, count }) => row(`  ${code}`, `${count} ${text}`)),
    '',
    row('score', report.score === undefined ? 'nothing to score' : `${report.score} of 100`),
    row('acceptance test', report.acceptanceTest.isPassed ? 'passed' : 'not passed'),
    ...report.acceptanceTest.criteria.filter(({ isMet }) => !isMet).map(lacking),
  ];
  return `${lines.join('\n')}\n`;
}

const row = (name: string, value: string): string => `${name.padEnd(23)} ${value}`;

const percent = ({ count, of, share }: Share): string =>
  share === undefined ? 'nothing to count' : `${ratio(share)} (${count} of ${of})`;

const ratio = (share: number): string => `${Math.floor(share * 1000) / 10} %`;

function lacking({ name, value, least }: Criterion): string {
  const shown = (number: number) => (number > 1 ? `${number}` : ratio(number));
  return row(
    `  lacks: ${name}`,
    `${value === undefined ? 'nothing yet' : shown(value)}, at least ${shown(least)}`,
  );
}
