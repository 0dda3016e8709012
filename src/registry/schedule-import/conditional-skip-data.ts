import {
  type ConditionalSkipData,
  type SkipConditionData,
  type SkipSetData,
  skipContexts,
} from '../../forecast/schedule-data.ts';
import {
  compact,
  cvxListOf,
  dateOf,
  effectiveData,
  offsetOf,
  required,
  requiredText,
  splitList,
  tellingChildrenOf,
  wholeNumberOf,
  wordOf,
} from './element-text.ts';
import { importError, type XmlElement } from './xml-element.ts';

/** One `conditionalSkip` that is not a placeholder. */
export function conditionalSkipData(element: XmlElement): ConditionalSkipData {
  const sets = tellingChildrenOf(element, 'set').map(skipSetData);
  if (sets.length === 0) throw importError(element, 'has no set that could be met');
  const setLogic = wordOf(element, 'setLogic', ['AND', 'OR']);
  if (sets.length > 1 && setLogic === undefined) throw importError(element, 'several sets need a "setLogic"');
  return compact({
    // Releases before contexts were told apart meant either.
    context: wordOf(element, 'context', skipContexts) ?? 'Both',
    setLogic,
    sets,
  });
}

function skipSetData(element: XmlElement): SkipSetData {
  const conditions = tellingChildrenOf(element, 'condition');
  if (conditions.length === 0) throw importError(element, 'has no condition that could be met');
  return compact({
    ...effectiveData(element),
    conditionLogic: wordOf(element, 'conditionLogic', ['AND', 'OR']) ?? 'AND',
    conditions: conditions.map(skipConditionData),
  });
}

const conditionTypes = [
  'Age',
  'Completed Series',
  'Interval',
  'Vaccine Count by Age',
  'Vaccine Count by Date',
  'Vaccine Count by Date and Age',
] as const;

function skipConditionData(element: XmlElement): SkipConditionData {
  const type = required(element, 'conditionType', wordOf(element, 'conditionType', conditionTypes));
  switch (type) {
    case 'Age':
      return compact({ type, ...windowOf(element) });
    case 'Completed Series':
      return { type, seriesGroups: splitList(requiredText(element, 'seriesGroups')) };
    case 'Interval':
      return { type, interval: required(element, 'interval', offsetOf(element, 'interval')) };
    case 'Vaccine Count by Age':
    case 'Vaccine Count by Date':
    case 'Vaccine Count by Date and Age':
      return vaccineCount(element);
  }
}

/** The three counts differ in name only: ages and dates that are absent leave the window open. */
function vaccineCount(element: XmlElement): SkipConditionData {
  return compact({
    type: 'Vaccine Count' as const,
    ...windowOf(element),
    startDate: dateOf(element, 'startDate'),
    endDate: dateOf(element, 'endDate'),
    doseType: required(element, 'doseType', wordOf(element, 'doseType', ['Valid', 'Total'])),
    doseCountLogic: required(
      element,
      'doseCountLogic',
      wordOf(element, 'doseCountLogic', ['greater than', 'equal to', 'less than']),
    ),
    doseCount: required(element, 'doseCount', wholeNumberOf(element, 'doseCount')),
    vaccineTypes: cvxListOf(element, 'vaccineTypes'),
  });
}

function windowOf(element: XmlElement) {
  return { beginAge: offsetOf(element, 'beginAge'), endAge: offsetOf(element, 'endAge') };
}
