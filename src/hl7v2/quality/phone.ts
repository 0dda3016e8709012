import type { Segment } from '../er7/message.ts';
import { textAt } from '../er7/piece.ts';

/** The number of an XTN field, in area and local part; undefined where it has none, or is an address of mail. */
function phoneOf(
  segment: Segment,
  field: number,
): { readonly area: string; readonly local: string } | undefined {
  const at = (component: number) => textAt(segment, { field, component });
  if (at(2) === 'NET') return undefined;
  const area = at(6) ?? '';
  const local = at(7) ?? '';
  if (area !== '' || local !== '') return { area, local };
  const whole = at(12) ?? at(1);
  if (whole === undefined) return undefined;
  const digits = whole.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '');
  return digits.length >= 10
    ? { area: digits.slice(0, 3), local: digits.slice(3) }
    : { area: '', local: digits };
}

export const lacksArea = (segment: Segment | undefined, field: number): boolean => {
  const phone = segment && phoneOf(segment, field);
  return phone !== undefined && phone.area === '';
};

/** A number of the North American plan: no area or exchange begins with 0 or 1 or ends with 11; 555 rings nowhere. */
export const isNoPhone = (segment: Segment | undefined, field: number): boolean => {
  const phone = segment && phoneOf(segment, field);
  if (!phone || phone.area === '') return false;
  const local = phone.local.replace(/[-. ]/g, '');
  return !/^(?!.11)[2-9]\d{2}$/.test(phone.area) || !/^(?!555|.11)[2-9]\d{6}$/.test(local);
};
