import type { Coding } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { GivenCode } from '../../fhir/terminology/validate-code.ts';
import { type Inputs, missing } from '../inputs.ts';

/** Each is compared with all the names of what it means. */
const maxCodings = 100;

/** The codes that a call asks of, all of which mean one thing: of `code`, `coding` or `codeableConcept`, whichever is given. */
export function givenCodes(inputs: Inputs, versionName: string): readonly GivenCode[] {
  const names = ['code', 'coding', 'codeableConcept'].filter(inputs.has);
  const [name, other] = names;
  if (name === undefined) throw missing('code', 'One of code, coding and codeableConcept must be given');
  if (other !== undefined) {
    throw new Problem('invalid-content', `Of ${name} and ${other} one may be given, not both`, {
      expression: inputs.place(other),
    });
  }
  const code = inputs.text('code');
  if (code !== undefined) return [plainCode(code, inputs, versionName)];
  const coding = inputs.coding('coding');
  const codings = coding ? [coding] : (inputs.concept('codeableConcept')?.coding ?? []);
  if (codings.length === 0) throw missing(inputs.place(name), 'The codeableConcept has no coding');
  if (codings.length > maxCodings) {
    const text = `The codeableConcept has ${codings.length} codings; at most ${maxCodings} are looked at`;
    throw new Problem('business-rule', text, {
      issues: [{ severity: 'error', code: 'too-costly', text, expression: inputs.place(name) }],
    });
  }
  return codings.map((one) => fromCoding(one, inputs.place(name)));
}

function plainCode(code: string, inputs: Inputs, versionName: string): GivenCode {
  const system = inputs.text('system');
  const version = inputs.text(versionName);
  const display = inputs.text('display');
  return {
    code,
    ...(system !== undefined && { system }),
    ...(version !== undefined && { version }),
    ...(display !== undefined && { display }),
  };
}

export function fromCoding({ system, version, code, display }: Coding, place: string): GivenCode {
  if (code === undefined) throw missing(place, 'A coding must have a code');
  return {
    code,
    ...(system !== undefined && { system }),
    ...(version !== undefined && { version }),
    ...(display !== undefined && { display }),
  };
}
