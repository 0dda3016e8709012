import type { JsonObject } from '../fhir/fhir-json.ts';
import type { Store } from '../store/contract/store.ts';
import { openViews, type Views } from '../views/kept-views.ts';
import { shippedDocuments } from './package-files.ts';

/** Those of views/, and a jurisdiction's own that the store keeps. */
export function viewsOf(store: Store): Views {
  return openViews(store, shippedDocuments('views') as readonly JsonObject[]);
}
