import type { EpochDay } from '../values/epoch-day.ts';
import type { Vaccine, VaccineProduct } from './vaccine-product.ts';

/** Who knew of the dose: the clinic that gave it, or someone who remembers it or has it on paper. */
export type DoseSource = 'clinic' | 'other-provider' | 'paper-record' | 'parent-recall' | 'school-record';

export type Refusal = 'parent-objects' | 'religion' | 'immune' | 'medical-precaution' | 'out-of-stock';

/** What happened, or did not, at one visit; it becomes one Immunization. */
export type DoseEvent = {
  readonly vaccine: Vaccine;
  readonly product: VaccineProduct;
  readonly day: EpochDay;
  readonly clinic: number;
  readonly source: DoseSource;
  /** How exactly the date was kept. */
  readonly precision: 'time' | 'day' | 'month' | 'year';
  readonly status: 'completed' | 'not-done' | 'entered-in-error';
  readonly refusal?: Refusal;
  readonly flaw?: 'lot-expired' | 'half-dose';
};

export function inTimeOrder(events: readonly DoseEvent[]): readonly DoseEvent[] {
  return [...events].sort((a, b) => a.day - b.day);
}
