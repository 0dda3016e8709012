import { readFileSync } from 'node:fs';
import { Problem } from '../fhir/problem.ts';
import { explainForecast } from '../forecast/forecast.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseResourceBody } from '../interaction/parse-body.ts';
import { chooseKnowledgeBase, type KnowledgeBases } from '../registry/forecasting/choose-knowledge-base.ts';
import {
  answerForecast,
  type ForecastQuestion,
  readHistory,
} from '../registry/forecasting/forecast-answer.ts';
import { readClinicalRecord, readForecastInput } from '../registry/forecasting/forecast-operations.ts';
import type { ForecastInput, InputOptions } from '../registry/forecasting/parse-forecast-input.ts';
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

export type FileForecast = ForecastForm & {
  /** Parameters of `$immds-forecast` as JSON; `-` reads standard input. */
  readonly file: string;
  readonly knowledgeBases: KnowledgeBases;
  readonly input: InputOptions;
};

/** `jenner forecast FILE`. */
export function forecastFile(command: FileForecast): string {
  const input = readInput(command);
  const knowledgeBase = chooseKnowledgeBase(command.knowledgeBases, input.choice);
  return showForecast({ ...input, knowledgeBase }, command);
}

export type PatientForecast = ForecastForm & {
  readonly ctx: InteractionContext;
  readonly patient: string;
  readonly assessmentDate: EpochDay;
  readonly knowledgeBases: KnowledgeBases;
};

/** `jenner forecast --patient ID`: of what the store holds. */
export async function forecastPatient(command: PatientForecast): Promise<string> {
  const { ctx, patient, assessmentDate, knowledgeBases } = command;
  const id = parseResourceId(patient.replace(/^Patient\//, ''));
  if (id === undefined) throw new OperatorError(`--patient ${patient}: the id of a Patient was expected`);
  const record = await readClinicalRecord(ctx, id);
  const knowledgeBase = chooseKnowledgeBase(knowledgeBases, {});
  return showForecast(
    { record, assessmentDate, knowledgeBase, explain: false, includeDistant: false, notes: [] },
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

/** A question and its answer in the form that was asked for. */
export function showForecast(
  asked: ForecastQuestion,
  { json, explain, fitsCompatible, countryWhereUnknown }: ForecastForm,
): string {
  const question = { ...asked, countryWhereUnknown };
  if (json) {
    const answer = answerForecast({ ...question, explain: question.explain || explain }, fitsCompatible);
    return `${JSON.stringify(answer, null, 2)}\n`;
  }
  const { record, knowledgeBase, assessmentDate } = question;
  const { history, notes } = readHistory(question);
  const explained = explainForecast(knowledgeBase.schedule, history, assessmentDate);
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
