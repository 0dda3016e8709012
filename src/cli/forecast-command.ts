import { readFileSync } from 'node:fs';
import { Problem } from '../fhir/problem.ts';
import { explainForecast } from '../forecast/forecast.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseResourceBody } from '../interaction/parse-body.ts';
import { answerSchedules } from '../registry/forecasting/answer-schedules.ts';
import { chooseKnowledgeBases, type KnowledgeBases } from '../registry/forecasting/choose-knowledge-base.ts';
import { forPregnancies } from '../registry/forecasting/for-pregnancy.ts';
import { type ForecastQuestion, readHistory } from '../registry/forecasting/forecast-answer.ts';
import { readForecastInput } from '../registry/forecasting/forecast-operations.ts';
import type { KnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import type { ForecastInput, InputOptions } from '../registry/forecasting/parse-forecast-input.ts';
import { type ScheduleSettings, scheduleByAddress } from '../registry/forecasting/patient-schedule.ts';
import { readClinicalRecord } from '../registry/forecasting/read-clinical-record.ts';
import { schedulesFor } from '../registry/forecasting/schedules-for.ts';
import { withoutRepeated } from '../registry/forecasting/without-repeated.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import { OperatorError } from '../values/operator-error.ts';
import { parseEpochDay } from '../values/partial-date.ts';
import { parseResourceId } from '../values/resource-id.ts';
import { describeFileFailure } from './describe-failure.ts';
import { withCodesNamed } from './forecast-text/names.ts';
import { renderDifferences } from './forecast-text/render-differences.ts';
import type { RenderedForecast } from './forecast-text/rendered-forecast.ts';
import { renderExplanation } from './render-explanation.ts';
import { renderForecast } from './render-forecast.ts';

export type ForecastForm = {
  /** The answer of `$immds-forecast`. */
  readonly json: boolean;
  /** Behind what is due, every rule that decided. */
  readonly explain: boolean;
  readonly fitsCompatible: boolean;
  readonly countryWhereUnknown?: string | undefined;
};

export type FileForecast = ForecastForm &
  ScheduleSettings & {
    /** Parameters of `$immds-forecast` as JSON; `-` reads standard input. */
    readonly file: string;
    readonly input: InputOptions;
  };

/** `jenner forecast FILE`. */
export function forecastFile(command: FileForecast): string {
  const input = readInput(command);
  return showForecast({ ...input, ...schedulesOf(input, command) }, command);
}

/** There is no store in which an organization could be looked up. */
function schedulesOf(
  { choices, record, assessmentDate }: ForecastInput,
  command: FileForecast,
): Pick<ShownQuestion, 'knowledgeBase' | 'others' | 'because'> {
  if (choices.length === 0) return scheduleByAddress(record.patient.resource, command, assessmentDate);
  const { knowledgeBases } = command;
  const [knowledgeBase, ...others] = chooseKnowledgeBases(knowledgeBases, choices, assessmentDate);
  return { knowledgeBase, others, because: 'the request names it' };
}

export type PatientForecast = ForecastForm &
  ScheduleSettings & {
    readonly ctx: InteractionContext;
    readonly patient: string;
    readonly assessmentDate: EpochDay;
  };

/** `jenner forecast --patient ID`: of what the store holds. */
export async function forecastPatient(command: PatientForecast): Promise<string> {
  const { ctx, patient, assessmentDate } = command;
  const id = parseResourceId(patient.replace(/^Patient\//, ''));
  if (id === undefined) throw new OperatorError(`--patient ${patient}: the id of a Patient was expected`);
  const { record, notes: repeated } = await withoutRepeated(await readClinicalRecord(ctx, id), {
    ctx,
    id,
    leftOut: command.leftOut,
  });
  const asked = { record, assessmentDate, choices: [], isStored: true } as const;
  const { knowledgeBases, notes, besides, because } = await schedulesFor(asked, command, ctx);
  const [knowledgeBase] = knowledgeBases;
  const shown = { record, assessmentDate, knowledgeBase, because };
  // In the text the schedule is told at the head, and why it is that one.
  return showForecast(
    {
      ...shown,
      explain: false,
      includeDistant: false,
      notes: [...(command.json ? notes : besides), ...repeated],
    },
    command,
  );
}

/** The day that --date names; throws when it is no whole date. */
export function parseForecastDate(text: string | undefined): EpochDay | undefined {
  if (text === undefined) return undefined;
  const day = parseEpochDay(text);
  if (day === undefined)
    throw new OperatorError(`--date ${text}: a whole date such as 2026-03-01 was expected`);
  return day;
}

type ShownQuestion = ForecastQuestion & {
  /** Beside the schedule that is followed, those that the answer is compared with. */
  readonly others?: readonly KnowledgeBase[];
  /** Why it is followed. */
  readonly because?: string | undefined;
};

/**
 * A question and its answer in the form that was asked for; a person reads of one schedule after the other, and then where
 * they differ.
 */
export function showForecast({ others = [], because, ...given }: ShownQuestion, form: ForecastForm): string {
  const { json, explain, fitsCompatible, countryWhereUnknown } = form;
  const question = { ...given, countryWhereUnknown };
  if (json) {
    const knowledgeBases: KnowledgeBases = [question.knowledgeBase, ...others];
    const asked = { ...question, knowledgeBases, explain: question.explain || explain };
    return `${JSON.stringify(answerSchedules(asked, fitsCompatible), null, 2)}\n`;
  }
  const followed = tell({ ...question, because });
  if (others.length === 0) return showOne(followed, explain);
  const compared = others.map((knowledgeBase) => ({
    other: tell({ ...question, knowledgeBase, because }),
    answer: answerSchedules(
      { ...question, knowledgeBases: [question.knowledgeBase, knowledgeBase], explain: false },
      false,
    ),
  }));
  const texts = [followed, ...compared.map(({ other }) => other)].map((each) => showOne(each, explain));
  return [...texts, renderDifferences(followed, compared)].join(`\n${'='.repeat(72)}\n\n`);
}

function tell({ because, ...question }: ShownQuestion): RenderedForecast {
  const { record, knowledgeBase, assessmentDate, notes } = question;
  const reading = readHistory(question);
  const { schedule } = knowledgeBase;
  const { forecast, explanation } = explainForecast(schedule, reading.history, assessmentDate);
  const ofPerson = forPregnancies(forecast, reading.pregnancy, schedule);
  return { forecast: ofPerson, explanation, record, reading, knowledgeBase, because, notes };
}

function showOne(told: RenderedForecast, explain: boolean): string {
  const shown = renderForecast(told);
  if (!explain) return shown;
  const { forecast, explanation, knowledgeBase } = told;
  const titled = { ...forecast, scheduleVersion: knowledgeBase.title };
  return `${shown}\n${withCodesNamed(renderExplanation(titled, explanation), knowledgeBase)}`;
}

/** What is wrong with a file is said with its name: a shell may have chosen it. */
function readInput({ file, input }: FileForecast): ForecastInput {
  const text = readGiven(file);
  try {
    return readForecastInput(parseResourceBody(text).resource, input);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    throw new OperatorError(`${file}: ${thrown.message}`, { cause: thrown });
  }
}

function readGiven(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    const text = `${describeFileFailure(file, cause)}; a JSON file with Parameters of $immds-forecast was expected`;
    throw new OperatorError(text, { cause });
  }
}
