import { loadTerminology } from '../fhir/terminology/terminology.ts';
import { once, shippedDocuments } from './package-files.ts';

/** The code systems, value sets and concept maps that ship. */
export const shippedTerminology = once(() => loadTerminology(shippedDocuments('terminology')));
