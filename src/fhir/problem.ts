import { type OutcomeCode, outcomeSystem } from './outcome-code.ts';

/** Every way a request can fail, its HTTP status and its FHIR issue code. The only such table. */
const problemKinds = {
  'invalid-syntax': { status: 400, code: 'structure' },
  'invalid-content': { status: 400, code: 'invalid' },
  'invalid-parameter': { status: 400, code: 'value' },
  'unknown-parameter': { status: 400, code: 'not-supported' },
  'not-supported': { status: 400, code: 'not-supported' },
  'missing-parameter': { status: 400, code: 'required' },
  unauthenticated: { status: 401, code: 'login' },
  forbidden: { status: 403, code: 'forbidden' },
  'not-found': { status: 404, code: 'not-found' },
  'unknown-type': { status: 404, code: 'not-supported' },
  'method-not-allowed': { status: 405, code: 'not-supported' },
  'not-acceptable': { status: 406, code: 'not-supported' },
  'too-slow': { status: 408, code: 'timeout' },
  conflict: { status: 409, code: 'conflict' },
  gone: { status: 410, code: 'deleted' },
  'stale-version': { status: 412, code: 'conflict' },
  'unmet-need': { status: 412, code: 'required' },
  'no-match': { status: 412, code: 'not-found' },
  'multiple-matches': { status: 412, code: 'multiple-matches' },
  'too-large': { status: 413, code: 'too-long' },
  'unsupported-media-type': { status: 415, code: 'not-supported' },
  'expectation-failed': { status: 417, code: 'not-supported' },
  'missing-content': { status: 422, code: 'required' },
  'business-rule': { status: 422, code: 'business-rule' },
  'missing-reference': { status: 422, code: 'not-found' },
  'invalid-value': { status: 422, code: 'value' },
  'too-many-requests': { status: 429, code: 'throttled' },
  'headers-too-large': { status: 431, code: 'too-long' },
  'unknown-method': { status: 501, code: 'not-supported' },
  busy: { status: 503, code: 'transient' },
} as const;

export type ProblemKind = keyof typeof problemKinds;

export type IssueSeverity = 'fatal' | 'error' | 'warning' | 'information';

/** One line of an OperationOutcome. `expression` is FHIRPath into what the caller sent. */
export type Issue = {
  readonly severity: IssueSeverity;
  readonly code: string;
  readonly text: string;
  readonly expression?: string | undefined;
  /** Which refusal it is, where a client may want to tell it from others. */
  readonly reason?: OutcomeCode | undefined;
};

type ProblemDetails = {
  readonly expression?: string | undefined;
  readonly reason?: OutcomeCode;
  readonly cause?: unknown;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
  /** Another token might do it: this one is for other types (RFC 6750, insufficient_scope). */
  readonly isOutsideScopes?: true;
  /** All issues, where there are more than the one that the message tells. */
  readonly issues?: readonly Issue[];
};

/** Seconds that a busy store needs to catch up. */
const busyFor = 1;

/** A failure that the caller is told of: a sentence with the value and what was expected. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  readonly issues: readonly Issue[];
  readonly retryAfter: number | undefined;
  readonly isOutsideScopes: boolean;

  constructor(kind: ProblemKind, message: string, details: ProblemDetails = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.retryAfter = details.retryAfter ?? (kind === 'busy' ? busyFor : undefined);
    this.isOutsideScopes = details.isOutsideScopes ?? false;
    const { expression, reason } = details;
    this.issues = details.issues ?? [
      { severity: 'error', code: problemKinds[kind].code, text: message, expression, reason },
    ];
  }

  get status(): number {
    return problemKinds[this.kind].status;
  }
}

export type OperationOutcome = {
  readonly resourceType: 'OperationOutcome';
  readonly issue: readonly object[];
};

export function toOperationOutcome(issues: readonly Issue[]): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ severity, code, text, expression, reason }) => ({
      severity,
      code,
      details: { ...(reason && { coding: [{ system: outcomeSystem, code: reason }] }), text },
      // Some clients show nothing else.
      diagnostics: text,
      ...(expression !== undefined && { expression: [expression] }),
    })),
  };
}

export type ErrorAnswer = {
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly outcome: OperationOutcome;
  /** Seconds, for the header Retry-After. */
  readonly retryAfter?: number | undefined;
};

/** Status and body for whatever was thrown. What is no Problem is our bug: the caller learns the request id, no more. */
export function toErrorAnswer(thrown: unknown, requestId: string): ErrorAnswer {
  if (thrown instanceof Problem) {
    const { status, issues, retryAfter } = thrown;
    return { status, issues, outcome: toOperationOutcome(issues), retryAfter };
  }
  const text = `The server failed to answer; its log has the details under request ${requestId}`;
  const issues = [{ severity: 'fatal', code: 'exception', text }] as const;
  return { status: 500, issues, outcome: toOperationOutcome(issues) };
}
