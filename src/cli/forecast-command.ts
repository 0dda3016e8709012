import { readFileSync } from 'node:fs';
import { Problem } from '../fhir/problem.ts';
import { explainForecast } from '../forecast/forecast.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseResourceBody } from '../interaction/parse-body.ts';
import { answerSchedules } from '../registry/forecasting/answer-schedules.ts';
import { chooseKnowledgeBases, type KnowledgeBases } from '../registry/forecasting/choose-knowledge-base.ts';
import { type ForecastQuestion, readHistory } from '../registry/forecasting/forecast-answer.ts';
import { readClinicalRecord, readForecastInput } from '../registry/forecasting/forecast-operations.ts';
import type { KnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import type { ForecastInput, InputOptions } from '../registry/forecasting/parse-forecast-input.ts';
import { type ScheduleSettings, scheduleByAddress } from '../registry/forecasting/patient-schedule.ts';
import { schedulesFor } from '../registry/forecasting/schedules-for.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import { OperatorError } from '../values/operator-error.ts';
import { parseEpochDay } from '../values/partial-date.ts';
import { parseResourceId } from '../values/resource-id.ts';
import { describeFileFailure } from './describe-failure.ts';
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
  const [knowledgeBase, ...others] = schedulesOf(input, command);
  return showForecast({ ...input, knowledgeBase, others }, command);
}

/** There is no store in which an organization could be looked up. */
function schedulesOf(
  { choices, record, assessmentDate }: ForecastInput,
  command: FileForecast,
): KnowledgeBases {
  if (choices.length > 0) return chooseKnowledgeBases(command.knowledgeBases, choices, assessmentDate);
  return [scheduleByAddress(record.patient.resource, command, assessmentDate).knowledgeBase];
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
  const record = await readClinicalRecord(ctx, id);
  const asked = { record, assessmentDate, choices: [], isStored: true } as const;
  const { knowledgeBases, notes } = await schedulesFor(asked, command, ctx);
  const [knowledgeBase] = knowledgeBases;
  return showForecast(
    { record, assessmentDate, knowledgeBase, explain: false, includeDistant: false, notes },
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

/** Beside the schedule that is followed, those that the answer is compared with. */
type ShownQuestion = ForecastQuestion & { readonly others?: readonly KnowledgeBase[] };

/** A question and its answer in the form that was asked for; a person reads of one schedule after the other. */
export function showForecast({ others = [], ...given }: ShownQuestion, form: ForecastForm): string {
  const { json, explain, fitsCompatible, countryWhereUnknown } = form;
  const question = { ...given, countryWhereUnknown };
  if (json) {
    const knowledgeBases: KnowledgeBases = [question.knowledgeBase, ...others];
    const asked = { ...question, knowledgeBases, explain: question.explain || explain };
    return `${JSON.stringify(answerSchedules(asked, fitsCompatible), null, 2)}\n`;
  }
  const shown = [question.knowledgeBase, ...others].map((knowledgeBase) => {
    const text = showOne({ ...question, knowledgeBase }, explain);
    return others.length === 0 ? text : `By ${knowledgeBase.name}\n${text}`;
  });
  return shown.join('\n');
}

function showOne(question: ForecastQuestion, explain: boolean): string {
  const { record, knowledgeBase, assessmentDate } = question;
  const { history, notes } = readHistory(question);
  const found = explainForecast(knowledgeBase.schedule, history, assessmentDate);
  const explained = { ...found, forecast: { ...found.forecast, scheduleVersion: knowledgeBase.title } };
  const { reference } = record.patient;
  const shown = renderForecast({
    ...explained,
    subject: reference.startsWith('urn:') ? 'The patient' : reference,
    history,
    displayOf: knowledgeBase.displayOf,
    warnings: knowledgeBase.warningsOn(assessmentDate),
    notes: [...question.notes, ...notes].map(({ severity, text }) => `${severity}: ${text}`),
  });
  return explain ? `${shown}\n${renderExplanation(explained.forecast, explained.explanation)}` : shown;
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
