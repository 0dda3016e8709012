import type { Detections } from './detections.ts';
import type { Grade } from './grade-message.ts';
import type { QualitySettings } from './quality-settings.ts';

/** A message of a reporter, as it was answered and graded. */
export type GradedMessage = { readonly code: 'AA' | 'AE' | 'AR'; readonly grade?: Grade | undefined };

/** How much of something is so, of all that could be; `share` is absent where there is nothing. */
export type Share = { readonly count: number; readonly of: number; readonly share?: number };

/** A thing that is asked of a reporter, and whether it is so. */
export type Criterion = {
  readonly name: string;
  readonly value?: number;
  readonly least: number;
  readonly isMet: boolean;
};

/** How good a reporter's data are. */
export type ReporterReport = {
  readonly messages: number;
  readonly answers: Readonly<Record<GradedMessage['code'], number>>;
  readonly acceptance: Share;
  readonly doses: number;
  readonly administered: number;
  readonly timeliness: Share;
  readonly days: readonly { readonly upTo?: number; readonly count: number }[];
  readonly completeness: readonly (Share & { readonly name: string; readonly least: number })[];
  readonly validity: Share;
  readonly issues: readonly { readonly code: string; readonly text: string; readonly count: number }[];
  /** 0 to 100; absent while there is nothing to score. */
  readonly score?: number;
  readonly acceptanceTest: { readonly isPassed: boolean; readonly criteria: readonly Criterion[] };
};

type Totals = {
  readonly answers: Record<GradedMessage['code'], number>;
  readonly numbers: { doses: number; administered: number; timely: number; judged: number; faulty: number };
  readonly days: number[];
  readonly filled: number[];
  readonly of: number[];
  readonly issues: Map<string, number>;
};

/** Sums the grades of a reporter's messages up, one after another, in the space of one. */
export async function summarizeGrades(
  settings: QualitySettings,
  detections: Detections,
  messages: AsyncIterable<GradedMessage> | Iterable<GradedMessage>,
): Promise<ReporterReport> {
  const totals = noTotals();
  for await (const { code, grade } of messages) {
    totals.answers[code] += 1;
    if (grade) addGrade(totals, grade);
  }
  return reportOf(settings, detections, totals);
}

const noTotals = (): Totals => ({
  answers: { AA: 0, AE: 0, AR: 0 },
  numbers: { doses: 0, administered: 0, timely: 0, judged: 0, faulty: 0 },
  days: [],
  filled: [],
  of: [],
  issues: new Map(),
});

function addGrade({ numbers, days, filled, of, issues }: Totals, grade: Grade): void {
  for (const name of ['doses', 'administered', 'timely', 'judged', 'faulty'] as const)
    numbers[name] += grade[name];
  addTo(days, grade.days);
  addTo(filled, grade.filled);
  addTo(of, grade.of);
  for (const [code, count] of Object.entries(grade.issues)) issues.set(code, (issues.get(code) ?? 0) + count);
}

function addTo(sums: number[], counts: readonly number[]): void {
  counts.forEach((count, at) => {
    sums[at] = (sums[at] ?? 0) + count;
  });
}

function reportOf(settings: QualitySettings, detections: Detections, totals: Totals): ReporterReport {
  const { answers, numbers } = totals;
  const messages = answers.AA + answers.AE + answers.AR;
  const timed = totals.days.reduce((sum, count) => sum + count, 0);
  const bounds = settings.timeliness.upToDays;
  const parts = {
    messages,
    answers,
    acceptance: shareOf(answers.AA, messages),
    doses: numbers.doses,
    administered: numbers.administered,
    timeliness: shareOf(numbers.timely, timed),
    days: totals.days.map((count, at) => ({ ...(bounds[at] !== undefined && { upTo: bounds[at] }), count })),
    completeness: settings.fields.map(({ name, least }, at) => ({
      name,
      least,
      ...shareOf(totals.filled[at] ?? 0, totals.of[at] ?? 0),
    })),
    validity: shareOf(numbers.judged - numbers.faulty, numbers.judged),
    issues: issuesOf(detections, totals.issues),
  };
  const score = scoreOf(settings, parts);
  const criteria = criteriaOf(settings, parts, score);
  const acceptanceTest = { isPassed: criteria.every(({ isMet }) => isMet), criteria };
  return { ...parts, ...(score !== undefined && { score }), acceptanceTest };
}

const shareOf = (count: number, of: number): Share =>
  of === 0 ? { count, of } : { count, of, share: count / of };

/** What a code of the detections says, as a sentence; undefined of another code. */
export function textOfDetection({ rows }: Detections, code: string): string | undefined {
  const row = rows.get(code);
  return row && `${row.of} is ${row.is}`;
}

function issuesOf(detections: Detections, issues: ReadonlyMap<string, number>): ReporterReport['issues'] {
  return [...issues]
    .map(([code, count]) => ({ code, text: textOfDetection(detections, code) ?? code, count }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

type Parts = Pick<ReporterReport, 'messages' | 'acceptance' | 'timeliness' | 'completeness' | 'validity'>;

/** Completeness, validity and timeliness by their weights; what there is nothing of takes no part. */
function scoreOf(
  { score }: QualitySettings,
  { completeness, validity, timeliness }: Parts,
): number | undefined {
  const known = completeness.flatMap(({ share }) => share ?? []);
  const mean = known.length === 0 ? undefined : known.reduce((sum, share) => sum + share, 0) / known.length;
  const terms = [
    { share: mean, weight: score.completeness },
    { share: validity.share, weight: score.validity },
    { share: timeliness.share, weight: score.timeliness },
  ].flatMap(({ share, weight }) => (share === undefined ? [] : [{ share, weight }]));
  const weight = terms.reduce((sum, term) => sum + term.weight, 0);
  if (weight === 0) return undefined;
  return Math.round((100 * terms.reduce((sum, term) => sum + term.share * term.weight, 0)) / weight);
}

/** What a new reporter has to show. What could not be seen yet is not met. */
function criteriaOf(
  settings: QualitySettings,
  parts: Parts,
  score: number | undefined,
): readonly Criterion[] {
  const criterion = (name: string, value: number | undefined, least: number): Criterion => ({
    name,
    ...(value !== undefined && { value }),
    least,
    isMet: value !== undefined && value >= least,
  });
  return [
    criterion('messages', parts.messages, settings.messages.least),
    criterion('acceptance', parts.acceptance.share, settings.acceptance.least),
    criterion('timeliness', parts.timeliness.share, settings.timeliness.least),
    criterion('validity', parts.validity.share, settings.validity.least),
    ...parts.completeness.map(({ name, share, least }) => criterion(`${name} given`, share, least)),
    criterion('score', score, settings.score.least),
  ];
}
