import type { ApplicationCode, ErrorCode, Finding } from '../finding.ts';
import { textOfViolation } from './finding-text.ts';
import type { Decision } from './local-decision.ts';
import type { Fault, Violation } from './violation.ts';

/** What is told of a fault: ERR-2 to ERR-5 and ERR-8. */
export function findingOf(violation: Violation, decision: Decision): Finding {
  const { severity, application } = decision;
  const { location, fault } = violation;
  const said = application ?? applicationCodes[fault.kind];
  return {
    severity,
    code: errorCodeOf(violation),
    ...(said && { application: said }),
    location,
    text: textOfViolation(violation, decision),
  };
}

/** HL70357: 100 segments, 101 what is missing, 103 codes, 102 all that is not as its type wants it. */
function errorCodeOf({ location, fault }: Violation): ErrorCode {
  if (location.field === undefined) return '100';
  if (fault.kind === 'missing') return '101';
  if (fault.kind === 'code' || fault.kind === 'code-system') return '103';
  return fault.kind === 'unsupported' ? '0' : '102';
}

/** HL70533. */
const applicationCodes: Readonly<Partial<Record<Fault['kind'], ApplicationCode>>> = {
  missing: '7',
  format: '4',
  code: '5',
  'code-system': '5',
  'value-type': '4',
  statement: '3',
};
