import type { ApplicationCode, Severity } from '../finding.ts';
import type { Violation } from './violation.ts';

/** How much goes for a fault: nothing, a repetition, the field, the segment, its group, the message. */
export type Loss = 'ignore' | 'keep' | 'repetition' | 'field' | 'segment' | 'group' | 'message';

/**
 * A row of hl7v2/local-decisions.json: what is done otherwise than the guide's cascade would do by itself, and why. `at` is
 * a segment, a field, a component, or `*` for what no row names more closely.
 */
export type DecisionRow = {
  readonly at: string;
  readonly fault: string;
  readonly severity?: Severity;
  readonly then: Loss;
  readonly application?: ApplicationCode;
  /** Codes that are taken nevertheless. */
  readonly except?: readonly string[];
  /** The codes that alone are meant. */
  readonly only?: readonly string[];
  /** Only for this statement of the guide. */
  readonly statement?: string;
  readonly reason?: string;
  /** What is told of it in place of the usual words, after the name of the place; `%` is what was sent. */
  readonly told?: string;
};

export type Decision = {
  readonly severity: Severity;
  readonly loss: Loss;
  readonly application?: ApplicationCode;
  readonly told?: string;
};

export type LocalDecisions = (violation: Violation) => Decision | undefined;

export function compileDecisions(rows: readonly DecisionRow[]): LocalDecisions {
  const index = new Map<string, readonly DecisionRow[]>();
  for (const row of rows) {
    const key = `${row.at} ${row.fault}`;
    index.set(key, [...(index.get(key) ?? []), row]);
  }
  return (violation) => {
    const kind = faultName(violation);
    for (const at of placesOf(violation)) {
      const row = index.get(`${at} ${kind}`)?.find((one) => speaksOf(one, violation));
      if (row) return decisionOf(row);
    }
    return undefined;
  };
}

function speaksOf({ except, only, statement }: DecisionRow, { fault }: Violation): boolean {
  if (statement !== undefined && (fault.kind !== 'statement' || fault.id !== statement)) return false;
  if (fault.kind !== 'code') return true;
  return !except?.includes(fault.value) && only?.includes(fault.value) !== false;
}

const decisionOf = ({ severity = 'W', then, application, told }: DecisionRow): Decision => ({
  severity,
  loss: then,
  ...(application && { application }),
  ...(told && { told }),
});

/** A component that is missing is another thing than a field that is. */
function faultName({ fault, location }: Violation): string {
  if (fault.kind !== 'missing') return fault.kind;
  if (fault.conditional) return 'conditional-missing';
  return location.component === undefined ? 'missing' : 'component-missing';
}

/** From the closest place to the widest. */
function placesOf({ location: { segment, field, component } }: Violation): readonly string[] {
  if (field === undefined) return [segment, '*'];
  const inField = component === undefined ? [] : [`${segment}-${field}.${component}`];
  return [...inField, `${segment}-${field}`, `${segment}-*`, '*'];
}
