import { isRecord, list, object, oneOf, type Reader, text } from './json-reader.ts';
import type {
  AtDose,
  AtSeries,
  AtVaccine,
  BaseRange,
  ChangeData,
  ClassifyData,
  OverlayData,
} from './overlay-data.ts';
import {
  age,
  allowableInterval,
  authority,
  codedValue,
  date,
  interval,
  observationCode,
  offset,
  parseJson,
  positive,
  preferableVaccine,
  scheduleId,
  scheduleVersion,
  seasonRuleFields,
  series,
  seriesDose,
  windowedObservation,
  windowedVaccine,
} from './read-schedule-data.ts';
import { cdcScheduleId } from './schedule-data.ts';
import { ScheduleError } from './schedule-error.ts';

/** The text of an overlay file, checked in its form. Throws a ScheduleError that names the change and the reason. */
export function parseOverlay(text: string): OverlayData {
  return overlay(parseJson(text), '');
}

/** Tells an overlay from a schedule, which has no base. */
export function isOverlay(text: string): boolean {
  const json = parseJson(text);
  return isRecord(json) && 'base' in json;
}

const atAntigen = object<{ readonly antigen: string }>({ antigen: text });
const atSeries = object<AtSeries>({ antigen: text, series: text });
const atDose = object<AtDose>({ antigen: text, series: text, dose: positive });
const atVaccine = object<AtVaccine>(
  { antigen: text, series: text, dose: positive, cvx: text, beginAge: offset },
  ['beginAge'],
);

const asRisk = object<Extract<ClassifyData, { readonly as: 'risk' }>>({
  as: oneOf(['risk']),
  indications: list(windowedObservation, 1),
});
const asOther = object<Exclude<ClassifyData, { readonly as: 'risk' }>>(
  {
    as: oneOf(['routine', 'shared-decision', 'not-recommended']),
    observations: list(observationCode, 1),
    beginAge: offset,
    endAge: offset,
  },
  ['observations', 'beginAge', 'endAge'],
);
const anyClass = oneOf(['routine', 'risk', 'shared-decision', 'not-recommended']);
const classify: Reader<ClassifyData> = (value, path) => {
  const as = anyClass(isRecord(value) ? value['as'] : undefined, `${path}.as`);
  return as === 'risk' ? asRisk(value, path) : asOther(value, path);
};

type Operation = ChangeData['operation'];
type Of<Name extends Operation> = Extract<ChangeData, { readonly operation: Name }>;
type Readers<Name extends Operation> = {
  readonly target: Reader<Of<Name>['target']>;
} & (Of<Name> extends { readonly value: infer Value } ? { readonly value: Reader<Value> } : unknown);

/** The closed set: what each is done to, and what it is given. */
const operations: { readonly [Name in Operation]: Readers<Name> } = {
  'add-series': { target: atAntigen, value: series },
  'replace-series': { target: atSeries, value: series },
  'remove-series': { target: atSeries },
  'classify-series': { target: atSeries, value: classify },
  'add-indication': { target: atSeries, value: windowedObservation },
  'remove-indication': {
    target: object<Of<'remove-indication'>['target']>({
      antigen: text,
      series: text,
      observation: observationCode,
    }),
  },
  'add-dose': { target: atDose, value: seriesDose },
  'replace-dose': { target: atDose, value: seriesDose },
  'remove-dose': { target: atDose },
  'set-ages': { target: atDose, value: list(age, 1) },
  'set-intervals': { target: atDose, value: list(interval) },
  'set-allowable-intervals': { target: atDose, value: list(allowableInterval) },
  'add-preferable-vaccine': { target: atDose, value: preferableVaccine },
  'replace-preferable-vaccine': { target: atVaccine, value: preferableVaccine },
  'remove-preferable-vaccine': { target: atVaccine },
  'add-allowable-vaccine': { target: atDose, value: windowedVaccine },
  'replace-allowable-vaccine': { target: atVaccine, value: windowedVaccine },
  'remove-allowable-vaccine': { target: atVaccine },
  'set-season': {
    target: object<Of<'set-season'>['target']>({ antigen: text, series: list(text, 1) }, ['series']),
    value: object<Of<'set-season'>['value']>(seasonRuleFields),
  },
  'correct-code': {
    target: codedValue,
    value: object<{ readonly code: string }>({ code: text }),
  },
};

const change: Reader<ChangeData> = (value, path) => {
  const named = isRecord(value) ? value['operation'] : undefined;
  const known = typeof named === 'string' && Object.hasOwn(operations, named);
  if (!known) {
    const shown = typeof named === 'string' ? `"${named.slice(0, 60)}"` : 'without an operation';
    const names = Object.keys(operations).join(', ');
    throw new ScheduleError(path, `unknown operation ${shown}, expected one of ${names}`);
  }
  const readers: { readonly target: Reader<unknown>; readonly value?: Reader<unknown> } =
    operations[named as Operation];
  const fields: Record<string, Reader<unknown>> = { operation: text, ...readers, source: text, reason: text };
  return object(fields)(value, path) as ChangeData;
};

const overlay = object<OverlayData>(
  {
    id: scheduleId,
    version: scheduleVersion,
    base: object<BaseRange>({ id: oneOf([cdcScheduleId]), from: scheduleVersion, to: scheduleVersion }, [
      'to',
    ]),
    authorities: list(authority),
    effective: date,
    expires: date,
    changes: list(change),
  },
  ['effective', 'expires'],
);
