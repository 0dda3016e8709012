import {
  codedValueSystems,
  type ObservationData,
  type ScheduleData,
  type VaccineConflictData,
  type VaccineData,
  type VaccineGroupData,
} from '../../forecast/schedule-data.ts';
import {
  childOf,
  childrenOf,
  compact,
  cvxOf,
  filledChildrenOf,
  isGiven,
  observationCodeOf,
  offsetOf,
  required,
  requiredText,
  wordOf,
  yesOrNo,
} from './element-text.ts';
import { importError, type XmlElement } from './xml-element.ts';

/** The schedule supporting data file, whose shape was checked: what all antigens share. */
export function sharedData(root: XmlElement): Omit<ScheduleData, 'version' | 'antigens'> {
  const entries = (list: string, name: string) =>
    childrenOf(root, list).flatMap((element) => childrenOf(element, name));
  return {
    vaccines: entries('cvxToAntigenMap', 'cvxMap').map(vaccineData),
    vaccineGroups: vaccineGroups(
      entries('vaccineGroups', 'vaccineGroup'),
      entries('vaccineGroupToAntigenMap', 'vaccineGroupMap'),
    ),
    vaccineConflicts: entries('liveVirusConflicts', 'liveVirusConflict').map(conflictData),
    observations: entries('observations', 'observation').map(observationData),
  };
}

function vaccineData(element: XmlElement): VaccineData {
  return {
    cvx: cvxOf(element, 'cvx'),
    shortDescription: requiredText(element, 'shortDescription'),
    associations: childrenOf(element, 'association').map((each) =>
      compact({
        antigen: requiredText(each, 'antigen'),
        beginAge: offsetOf(each, 'associationBeginAge'),
        endAge: offsetOf(each, 'associationEndAge'),
      }),
    ),
  };
}

function vaccineGroups(
  groups: readonly XmlElement[],
  maps: readonly XmlElement[],
): readonly VaccineGroupData[] {
  const stranger = maps.find((map) => !groups.some((group) => sameName(group, map)));
  if (stranger) throw importError(stranger, `no vaccineGroup is named "${requiredText(stranger, 'name')}"`);
  return groups.map((group) => {
    const map = maps.find((each) => sameName(group, each));
    if (!map) throw importError(group, 'has no vaccineGroupMap');
    return compact({
      name: requiredText(group, 'name'),
      administerFullVaccineGroup: yesOrNo(group, 'administerFullVaccineGroup'),
      antigens: childrenOf(map, 'antigen').map((each) => {
        if (!isGiven(each.text)) throw importError(each, 'must have a value');
        return each.text;
      }),
    });
  });
}

function sameName(a: XmlElement, b: XmlElement): boolean {
  return requiredText(a, 'name') === requiredText(b, 'name');
}

function conflictData(element: XmlElement): VaccineConflictData {
  const cvxIn = (name: string) => cvxOf(childOf(element, name) ?? element, 'cvx');
  const interval = (name: string) => required(element, name, offsetOf(element, name));
  return {
    previous: cvxIn('previous'),
    current: cvxIn('current'),
    conflictBeginInterval: interval('conflictBeginInterval'),
    minConflictEndInterval: interval('minConflictEndInterval'),
    conflictEndInterval: interval('conflictEndInterval'),
  };
}

function observationData(element: XmlElement): ObservationData {
  const codedValues = filledChildrenOf(element, 'codedValues').flatMap((each) =>
    childrenOf(each, 'codedValue'),
  );
  return {
    code: required(element, 'observationCode', observationCodeOf(element, 'observationCode')),
    title: requiredText(element, 'observationTitle'),
    codedValues: codedValues.map((each) => {
      const system = required(each, 'codeSystem', wordOf(each, 'codeSystem', codedValueSystems));
      return { system, code: system === 'CVX' ? cvxOf(each, 'code') : requiredText(each, 'code') };
    }),
  };
}
