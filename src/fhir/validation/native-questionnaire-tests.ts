import type { JsonObject, JsonValue } from '../fhir-json.ts';
import { areDistinct, has, hasChoice, objectsAt } from './element-presence.ts';
import type { InvariantTest } from './invariant-test.ts';
import { onObject } from './native-focus.ts';

const ofTypes = (...types: readonly string[]) => {
  const list: ReadonlySet<JsonValue | undefined> = new Set(types);
  return ({ type }: JsonObject) => list.has(type);
};
const isDisplay = ofTypes('display');
const isGroup = ofTypes('group');
const mayHaveAnswers = ofTypes(
  ...['choice', 'open-choice', 'decimal', 'integer', 'date', 'dateTime', 'time', 'string', 'quantity'],
);
const mayHaveLength = ofTypes('boolean', 'decimal', 'integer', 'string', 'text', 'url', 'open-choice');
const notDisplay = (...names: readonly string[]) =>
  onObject((node) => !isDisplay(node) || !names.some((name) => has(node, name)));

/** Rules of questionnaires, whose items nest: by FHIRPath each level would copy all that is below it. */
export const questionnaireTests: Readonly<Record<string, InvariantTest>> = {
  'que-1': onObject(
    (node) => (!isGroup(node) || has(node, 'item')) && (!isDisplay(node) || !has(node, 'item')),
  ),
  'que-2': onObject((node) => areDistinct(linkIdsBelow(node))),
  'que-3': notDisplay('code'),
  'que-4': onObject((node) => !has(node, 'answerOption') || !has(node, 'answerValueSet')),
  'que-5': onObject(
    (node) => mayHaveAnswers(node) || !(has(node, 'answerValueSet') || has(node, 'answerOption')),
  ),
  'que-6': notDisplay('required', 'repeats'),
  'que-7': onObject(
    (node) => node['operator'] !== 'exists' || !hasChoice(node, 'answer') || has(node, 'answerBoolean'),
  ),
  'que-8': onObject((node) => !(isGroup(node) || isDisplay(node)) || !has(node, 'initial')),
  'que-9': notDisplay('readOnly'),
  'que-10': onObject((node) => mayHaveLength(node) || !has(node, 'maxLength')),
  'que-11': onObject((node) => !has(node, 'answerOption') || !has(node, 'initial')),
  'que-12': onObject((node) => objectsAt(node, 'enableWhen').length <= 2 || has(node, 'enableBehavior')),
  'que-13': onObject((node) => node['repeats'] === true || objectsAt(node, 'initial').length <= 1),
};

function linkIdsBelow(node: JsonObject): readonly (JsonValue | undefined)[] {
  return objectsAt(node, 'item').flatMap((item) => [item['linkId'], ...linkIdsBelow(item)]);
}
