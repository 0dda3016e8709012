import type { OperationOutcome } from '../fhir/problem.ts';
import type { LongText } from '../values/long-text.ts';

/** What an operation answers. */
export type OperationAnswer =
  /** 200 with the resource; `exactNumbers`, as `writeJson` knows them, where it has what was kept. */
  | { readonly kind: 'resource'; readonly resource: object; readonly exactNumbers?: true }
  /** 200 with a resource that is JSON text already. */
  | { readonly kind: 'text'; readonly text: LongText }
  /** 202: the work goes on (R4 async.html); `content-location` says where its state is to be asked for. */
  | {
      readonly kind: 'accepted';
      readonly headers: Readonly<Record<string, string>>;
      readonly outcome?: OperationOutcome;
    }
  /** 200 with what is no resource. It is read once, and closed when nobody reads on. */
  | {
      readonly kind: 'stream';
      readonly mediaType: string;
      /** Under which a browser keeps it; absent where it may show it. */
      readonly fileName?: string;
      readonly chunks: AsyncIterable<string | Uint8Array>;
    }
  /** 204. */
  | { readonly kind: 'nothing' };

export function resourceAnswer(resource: object): OperationAnswer {
  return { kind: 'resource', resource };
}

/** What was kept, or is made of it: the digits of its numbers are answered as they were sent. */
export function keptAnswer(resource: object): OperationAnswer {
  return { kind: 'resource', resource, exactNumbers: true };
}

export function accepted(headers: Readonly<Record<string, string>>): OperationAnswer {
  return { kind: 'accepted', headers };
}
