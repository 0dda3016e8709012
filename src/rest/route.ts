import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { InteractionContext, Registry } from '../interaction/context.ts';
import type { Operation } from '../operation/operation.ts';
import type { AnswerFormat } from './answer-format.ts';

export type RestOptions = {
  readonly registry: Registry;
  readonly operations: readonly Operation[];
  /** The code systems that ship, for TerminologyCapabilities. */
  readonly codeSystems: () => readonly { readonly url: string; readonly version?: string }[];
  /** Who sends the request. */
  readonly callerOf: (request: FastifyRequest) => Caller | Promise<Caller>;
  /** What a caller works with. */
  readonly contextFor: (caller: Caller) => InteractionContext;
  readonly software: { readonly name: string; readonly version: string; readonly released: string };
};

/** What a route works with: the registry, who asks, and how the answer is written. */
export type RestContext = InteractionContext & { readonly format: AnswerFormat };

/** One HTTP method on one path below the FHIR base. */
export type Route = {
  readonly method: HTTPMethods;
  readonly url: string;
  readonly handle: (
    ctx: RestContext,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => FastifyReply | Promise<FastifyReply>;
};
