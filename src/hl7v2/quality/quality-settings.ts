import { type Place, parsePlace } from './place.ts';

/** hl7v2/quality.json: what is counted of a reporter's messages, and what is asked of a new one. */
export type QualityDocument = {
  readonly fields: readonly {
    readonly name: string;
    /** Of each patient, or of each dose that the reporter gave. */
    readonly of: 'patient' | 'administered';
    readonly at: string;
    readonly least: number;
  }[];
  readonly timeliness: {
    /** Bounds of the bins, in days from the dose to the message. */
    readonly upToDays: readonly number[];
    readonly timelyDays: number;
    readonly least: number;
  };
  readonly validity: { readonly least: number };
  readonly acceptance: { readonly least: number };
  readonly messages: { readonly least: number };
  readonly score: {
    readonly completeness: number;
    readonly validity: number;
    readonly timeliness: number;
    readonly least: number;
  };
};

export type QualityField = QualityDocument['fields'][number] & { readonly place: Place };
export type QualitySettings = Omit<QualityDocument, 'fields'> & { readonly fields: readonly QualityField[] };

export function openQualitySettings(document: QualityDocument): QualitySettings {
  const fields = document.fields.map((field) => {
    const place = parsePlace(field.at);
    if (!place) throw new Error(`hl7v2/quality.json: no place "${field.at}"`);
    return { ...field, place };
  });
  return { ...document, fields };
}
