/** What an endpoint is: its path of the contract, the permissions it asks for, and how it answers. */
import type { HTTPMethod } from 'find-my-way';
import type { OAuthClient } from './access.js';
import type { Actor, OrgState } from './org.js';
import type { Tear } from './paging.js';

/** A request that got through, as a handler sees it. */
export interface Exchange {
  readonly path: string;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** The parsed JSON, or the form of a token request. */
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly client: OAuthClient;
  readonly actor: Actor;
  readonly token: string;
  /** The state that reads show: the current one, unless a fault makes them lag. */
  readonly view: OrgState;
  readonly tear: Tear | null;
}

/** An answer. */
export interface Reply {
  readonly status?: number;
  /** Sent as JSON; left out: an empty body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An endpoint. */
export interface Route {
  readonly method: HTTPMethod;
  /** As the contract writes it: `/api/v2/routing/queues/{queueId}`. */
  readonly path: string;
  /** `open` asks for no token; otherwise every one of these permissions is needed in some division. */
  readonly access: 'open' | readonly string[];
  readonly consumes?: 'form';
  /** Throws a PlatformError to refuse. */
  readonly handle: (exchange: Exchange) => Reply;
}

/** A JSON value as text: for parameters that may stand in a body as numbers, and for error messages. */
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** The JSON object that a body must be, or an empty one where it is something else. */
export const bodyObject = (body: unknown): Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : {};
