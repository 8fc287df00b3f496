/** Policies and settings that the tests of the command line begin with. */

/** Three codes and a timed prompt on every billing queue. */
export const BILLING = `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata:
  name: billing
spec:
  queues:
    include:
      - name: Billing *
  afterCallWork:
    prompt: MANDATORY_TIMEOUT
    timeout: 45s
  wrapupCodes:
    unlisted: remove
    codes: [Resolved, Escalated, Call back]
`;

/** Settings with these lines besides the header. */
export const settings = (...lines: readonly string[]): string =>
  ['apiVersion: wrapkeeper/v1', 'kind: Settings', ...lines, ''].join('\n');
