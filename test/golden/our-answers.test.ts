import { expect, it } from 'vitest';
import { errorsOf, readData, readVerdicts } from '../unit/fhir/validation/test-validator.ts';
import { ourAnswers } from './our-answers.ts';

const answers = await ourAnswers();

it('answers what HL7 judged: where an answer changes, it is asked again (tools/oracle)', async () => {
  const lines = [...answers].map(
    ([name, resource]) => `${JSON.stringify(name)}:${JSON.stringify({ resource, cases: { answer: [] } })}`,
  );
  await expect(`{\n${lines.join(',\n')}\n}\n`).toMatchFileSnapshot('../data/validation/answers/cases.json');
});

it("gives no answer in which HL7's validator finds an error that R4 knows", () => {
  const verdicts = readVerdicts('answers/');
  const known = readData('answers/known-disagreements.json') as Record<string, string>;
  const faulty = [...verdicts].filter(([, verdict]) => verdict !== null).map(([name]) => name);
  expect(faulty).toEqual(Object.keys(known));
  expect([...verdicts.keys()]).toEqual([...answers.keys()].map((name) => `${name} | answer`));
});

it('gives no answer in which its own validator finds one', () => {
  const faulty = [...answers].filter(([, resource]) => errorsOf(resource).length > 0);
  expect(faulty.map(([name, resource]) => [name, errorsOf(resource)])).toEqual([]);
});
