import { tableOf } from '../../values/table-of.ts';

const month = '(?:0[1-9]|1[0-2])';
const day = '(?:0[1-9]|[12]\\d|3[01])';
const hour = '(?:[01]\\d|2[0-3])';
const sixty = '[0-5]\\d';
const fraction = '\\.\\d{4}';
const toTime = `(?:${hour}(?:${sixty}(?:${sixty}(?:${fraction})?)?)?)?`;

/** Those that the rules name; they speak of no real calendar: 20240230 has the form of a day. */
export const ruleFormats: Readonly<Record<string, RegExp>> = tableOf({
  oid: /^[0-2](?:\.(?:0|[1-9]\d*))*$/,
  day: new RegExp(`^\\d{4}${month}${day}${toTime}$`),
  month: new RegExp(`^\\d{4}${month}(?:${day}${toTime})?$`),
  'second-with-zone': new RegExp(`^\\d{4}${month}${day}${hour}${sixty}${sixty}.*[+-]\\d{4}$`),
});

const zone = '(?:[+-](?:0\\d|1[0-4])[0-5]\\d)?';
const typeFormats: Readonly<Record<string, RegExp>> = tableOf({
  DT: new RegExp(`^\\d{4}(?:${month}${day}?)?$`),
  DTM: new RegExp(
    `^\\d{4}(?:${month}(?:${day}(?:${hour}(?:${sixty}(?:${sixty}(?:\\.\\d{1,4})?)?)?)?)?)?${zone}$`,
  ),
  TM: new RegExp(`^${hour}(?:${sixty}(?:${sixty}(?:\\.\\d{1,4})?)?)?${zone}$`),
  NM: /^[+-]?(?:\d+\.?\d*|\.\d+)$/,
  SI: /^\d{1,4}$/,
});

/** Whether a text is one of a primitive type; types without a form of their own take anything. */
export function hasTypeFormat(type: string, text: string): boolean {
  return typeFormats[type]?.test(text) ?? true;
}
