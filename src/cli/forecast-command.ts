import { readFileSync } from 'node:fs';
import { Problem } from '../fhir/problem.ts';
import { explainForecast } from '../forecast/forecast.ts';
import { parseResourceBody } from '../interaction/parse-body.ts';
import { chooseKnowledgeBase, type KnowledgeBases } from '../registry/forecasting/choose-knowledge-base.ts';
import { answerForecast } from '../registry/forecasting/forecast-answer.ts';
import { readForecastInput } from '../registry/forecasting/forecast-operations.ts';
import type { ForecastInput, InputOptions } from '../registry/forecasting/parse-forecast-input.ts';
import { toPatientHistory } from '../registry/forecasting/to-patient-history.ts';
import { OperatorError } from '../values/operator-error.ts';
import { describeFileFailure } from './describe-failure.ts';
import { renderExplanation } from './render-explanation.ts';

export type ForecastCommand = {
  /** Parameters of `$immds-forecast` as JSON; `-` reads standard input. */
  readonly file: string;
  readonly explain: boolean;
  readonly knowledgeBases: KnowledgeBases;
  readonly fitsCompatible: boolean;
  readonly input: InputOptions;
};

/** `jenner forecast FILE`: the answer as JSON, or with --explain as text for a person. */
export async function runForecast(command: ForecastCommand): Promise<string> {
  const input = readInput(command);
  const knowledgeBase = chooseKnowledgeBase(command.knowledgeBases, input.choice);
  if (!command.explain) {
    const answer = answerForecast({ ...input, knowledgeBase }, command.fitsCompatible);
    return `${JSON.stringify(answer, null, 2)}\n`;
  }
  const reading = toPatientHistory(input.record, knowledgeBase, input.assessmentDate);
  const explained = explainForecast(knowledgeBase.schedule, reading.history, input.assessmentDate);
  const notes = [...input.notes, ...reading.notes].map(
    ({ severity, text: said }) => `${severity}: ${said}\n`,
  );
  return notes.join('') + renderExplanation(explained.forecast, explained.explanation);
}

/** What is wrong with a file is said with its name: a shell may have chosen it. */
function readInput({ file, input }: ForecastCommand): ForecastInput {
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
