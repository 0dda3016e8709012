import { tableOf } from '../../values/table-of.ts';
import { type FieldValue, writeField } from '../er7/write-segment.ts';

/** An OBX that is yet to get its number. */
export type ObxValue = {
  readonly type: string;
  /** OBX-3. */
  readonly code: readonly [code: string, display?: string | undefined, system?: string];
  /** What belongs together has the same: OBX-4 is numbered by it. */
  readonly set: string;
  readonly value: FieldValue;
  readonly units?: FieldValue;
  readonly observed?: string | undefined;
  readonly method?: FieldValue;
};

/** What OBX-3 is called, where a message says it. */
const names: Readonly<Record<string, string>> = tableOf({
  '64994-7': 'Vaccine funding program eligibility category',
  '30963-3': 'Vaccine funding source',
  '30956-7': 'Vaccine type',
  '69764-9': 'Document type',
  '29768-9': 'Date vaccine information statement published',
  '29769-7': 'Date vaccine information statement presented',
  '30945-0': 'Vaccination contraindication/precaution',
  '30946-8': 'Date vaccination contraindication/precaution effective',
  '30944-3': 'Date vaccination contraindication/precaution expires',
  '31044-1': 'Reaction',
  '59784-9': 'Disease with presumed immunity',
  '75505-8': 'Disease with serological evidence of immunity',
  '59785-6': 'Indications to immunize',
  '30973-2': 'Dose number in series',
  '59782-3': 'Number of doses in primary series',
  '59779-9': 'Immunization schedule used',
  '59780-7': 'Immunization series name',
  '59781-5': 'Dose validity',
  '59783-1': 'Status in immunization series',
  '30981-5': 'Earliest date to give',
  '30980-7': 'Date vaccine due',
  '59778-1': 'Date when overdue for immunization',
  '59777-3': 'Latest date to give immunization',
  '30982-3': 'Reason applied by forecast logic to project this vaccine',
  '48767-8': 'Annotation comment',
});

const coded = (code: string): ObxValue['code'] => [code, names[code], 'LN'];
const codes = new Map(Object.keys(names).map((code) => [code, coded(code)]));

export const loincCode = (code: string): ObxValue['code'] => codes.get(code) ?? coded(code);

/** A response has hundreds of OBX, and these few codes. */
const writtenCodes = new Map([...codes.values()].map((code) => [code, writeField(code)]));

/** OBX-1 counts from `first` on, OBX-4 from 1 by set. */
export function writeObxs(values: readonly ObxValue[], first = 1): readonly string[] {
  const sets = new Map<string, number>();
  return values.map((value, at) => {
    const number = sets.get(value.set) ?? sets.size + 1;
    sets.set(value.set, number);
    return writeObx(value, first + at, number);
  });
}

/** As `writeSegment` would have it; it is what most of a response is. */
function writeObx(
  { type, code, value, units, observed, method }: ObxValue,
  number: number,
  set: number,
): string {
  const head = `OBX|${number}|${type}|${writtenCodes.get(code) ?? writeField(code)}|${set}`;
  const text = `${head}|${writeField(value)}|${writeField(units)}|||||F`;
  const [day, how] = [writeField(observed), writeField(method)];
  if (how !== '') return `${text}|||${day}|||${how}`;
  return day === '' ? text : `${text}|||${day}`;
}
