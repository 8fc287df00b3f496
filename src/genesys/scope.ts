/**
 * What holds for the requests of one call. The SDK hands nothing of ours on from its methods to its HTTP
 * client, so it travels beside them.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface RequestScope {
  /**
   * Called when a request is about to leave: after every wait for the limit, a pause or a token, and anew
   * before each repetition. What it throws comes out, and nothing is sent.
   */
  readonly lastCheck?: () => void;
  /** Ends waiting and reading, in place of the signal of the connection. */
  readonly signal?: AbortSignal;
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** Every request that comes of this work is sent in this scope. */
export const inScope = <Result>(
  scope: RequestScope,
  work: () => Promise<Result>,
): Promise<Result> => scopes.run(scope, work);

/** To be asked before a request begins to wait: whoever wakes it up runs in a scope of his own. */
export const currentScope = (): RequestScope => scopes.getStore() ?? {};
