/** A plain HTTP client of the simulator: what a stranger with fetch would write. */
import { onTestFinished } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';

/** A simulator for the length of one test, and a client of it. */
export const simulate = async (
  options: SimulatorOptions = {},
): Promise<{ simulator: Simulator; call: Call }> => {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return { simulator, call: callerOf(simulator) };
};

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON, the text where it is none, undefined where it is empty. */
  readonly body: Body;
}

/** A body as tests look into it: the fields that most answers have, typed as if they were there. */
export interface Body {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  readonly entities: readonly Body[];
  readonly [field: string]: unknown;
}

/** Calls the API; `GET /path` or `POST /path` with a body. */
export type Call = (
  request: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Calls as the first client, or as the one named. */
export const callerOf = (simulator: Simulator, clientId?: string): Call => {
  const token = simulator.issueToken(clientId);
  return (request, body, headers = {}) =>
    send(simulator, request, body, { authorization: `Bearer ${token}`, ...headers });
};

/** Calls without a token of its own. */
export const send = async (
  simulator: Simulator,
  request: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> => {
  const [method = 'GET', path = '/'] = request.split(' ');
  const response = await fetch(simulator.url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) as Body };
};

const parsed = (text: string): unknown => {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};
