import { parentPort } from 'node:worker_threads';
import type { JsonObject } from '../fhir/fhir-json.ts';
import { parseFhirJson } from '../fhir/fhir-json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { FromValidator, ToValidator } from './threaded-validator.ts';
import { loadValidator } from './validator.ts';

// A thread that judges resources which would hold up everybody else.
const port = parentPort;
if (!port) throw new Error('The validator runs as a worker thread.');

port.on('message', (message: ToValidator) => {
  if (message === 'close') port.close();
  else port.postMessage(answer(message));
});

function answer({ text, options }: Exclude<ToValidator, 'close'>): FromValidator {
  try {
    const parsed = parseFhirJson(text);
    if (!parsed.ok) throw new Error(`what was to be judged is not FHIR JSON: ${parsed.message}`);
    return {
      kind: 'judged',
      issues: loadValidator().validate(parsed.value as JsonObject as Resource, options),
    };
  } catch (thrown) {
    return { kind: 'failed', reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
