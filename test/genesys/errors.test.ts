import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import {
  errorOfAnswer,
  errorOfFailure,
  platformCodeOf,
  platformText,
  withoutSecrets,
} from '../../src/genesys/errors.js';
import { failureOf } from '../../src/genesys/network.js';
import type { WireAnswer } from '../../src/genesys/wire.js';

const REQUEST = { method: 'PUT', path: '/api/v2/routing/queues/q1', host: 'api.mypurecloud.com' };

const json = (status: number, body: unknown, headers: Record<string, string> = {}): WireAnswer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  text: JSON.stringify(body),
});

const other = (status: number, contentType: string, text: string): WireAnswer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': contentType },
  text,
});

describe('a refusal', () => {
  it('names status, code, message, fields and correlation id', () => {
    const error = errorOfAnswer(
      REQUEST,
      json(
        400,
        {
          status: 400,
          code: 'invalid.reference',
          message: 'The queue was not updated.',
          contextId: 'from-the-body',
          details: [
            { errorCode: 'flow.gone', fieldName: 'queueFlow.id', entityName: 'Old flow' },
            {},
          ],
          errors: [{ message: 'Nested trouble' }],
        },
        { 'inin-correlation-id': 'c-1' },
      ),
    );
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'genesys.rejected', correlationId: 'c-1' });
    expect(error.message).toBe(
      'Genesys Cloud rejected PUT /api/v2/routing/queues/q1: 400 invalid.reference, ' +
        'The queue was not updated; field queueFlow.id: flow.gone: Old flow; Nested trouble. Correlation id c-1',
    );
    expect(platformCodeOf(error)).toBe('invalid.reference');
  });

  it('falls back on the context id', () => {
    expect(errorOfAnswer(REQUEST, json(500, { contextId: 'c-2' })).correlationId).toBe('c-2');
  });

  it.each([
    [400, 'genesys.rejected'],
    [401, 'genesys.unauthorized'],
    [403, 'genesys.forbidden'],
    [404, 'genesys.not-found'],
    [405, 'genesys.rejected'],
    [408, 'genesys.timeout'],
    [409, 'genesys.conflict'],
    [413, 'genesys.rejected'],
    [429, 'genesys.rate-limited'],
    [500, 'genesys.unavailable'],
    [503, 'genesys.unavailable'],
  ] as const)('with status %i has the code %s, with a body or without', (status, code) => {
    expect(errorOfAnswer(REQUEST, json(status, { code: 'x', message: 'y' }))).toMatchObject({
      code,
    });
    expect(errorOfAnswer(REQUEST, other(status, '', ''))).toMatchObject({ code });
    expect(errorOfAnswer(REQUEST, other(status, '', '')).message).toContain(`: ${status}`);
  });

  it.each([
    [
      { message: 'You are missing the following permission(s): routing:queue:edit' },
      'routing:queue:edit',
    ],
    [
      { message: 'no', messageParams: { permissions: 'routing:wrapupCode:add' } },
      'routing:wrapupCode:add',
    ],
    [
      { message: 'At least one of [routing:queue:view, routing:queue:edit] is needed' },
      'routing:queue:edit or routing:queue:view',
    ],
  ])('for want of a permission names it: %j', (body, permission) => {
    expect(errorOfAnswer(REQUEST, json(403, body)).message).toContain(
      ` without the permission ${permission}: 403`,
    );
  });

  it('bounds and cleans what the platform said', () => {
    const error = errorOfAnswer(
      REQUEST,
      json(400, {
        code: 'x'.repeat(5_000),
        message: `bad\u001b[2J\r\nnews \u202e${'long '.repeat(1_000)}`,
        details: Array.from({ length: 50 }, (_, index) => ({ fieldName: `f${index}` })),
      }),
    );
    expect(error.message.length).toBeLessThan(1_000);
    // oxlint-disable-next-line no-control-regex -- these must not be there
    expect(error.message).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(error.message).toContain('bad [2J news long');
    expect(error.message).toContain('and 45 more');
  });

  it('does not cut a character in two', () => {
    expect(platformText(`${'x'.repeat(299)}😀`)).toBe(`${'x'.repeat(299)}…`);
  });
});

describe('an answer of somebody else', () => {
  it.each([
    [
      other(200, 'text/html; charset=utf-8', '<html>'),
      'api.mypurecloud.com answered 200 with text/html, which',
    ],
    [other(404, 'text/plain', 'gone'), 'answered 404 with text/plain, which'],
    [other(200, '', 'x'), 'answered 200 with no content type, which'],
    [other(200, 'application/json', '{"a"'), 'answered 200 with JSON that cannot be read, which'],
    [
      {
        ...other(302, 'text/html', ''),
        headers: { location: 'https://portal.example.org/login?x=1' },
      },
      'answered 302 with a redirect to portal.example.org, which',
    ],
  ])('is told as such', (answer, text) => {
    const error = errorOfAnswer(REQUEST, answer);
    expect(error.code).toBe('genesys.not-genesys');
    expect(error.message).toContain(text);
  });

  it('with a 5xx is a failure on the way', () => {
    const error = errorOfAnswer(REQUEST, other(502, 'text/html', '<html>'));
    expect(error.code).toBe('genesys.unavailable');
    expect(error.message).toContain('502, from api.mypurecloud.com with text/html instead of JSON');
  });
});

describe('secrets', () => {
  it('are taken out of an answer that sends them back', () => {
    const answer = withoutSecrets(
      json(400, { message: 'Bearer tok-123 is bad' }, { 'inin-correlation-id': 'tok-123' }),
      ['tok-123', ''],
    );
    expect(JSON.stringify(answer)).not.toContain('tok-123');
    expect(errorOfAnswer(REQUEST, answer).message).toContain('Bearer [secret] is bad');
  });
});

describe('a failure on the way', () => {
  const WAY = {
    url: 'https://api.mypurecloud.com/api/v2/routing/queues?x=1',
    timeoutMs: 30_000,
    proxy: null,
  };
  const coded = (code: string, more: object = {}): Error =>
    Object.assign(new Error('told'), { code, ...more });

  it.each([
    [
      coded('ECONNREFUSED', { syscall: 'connect' }),
      'genesys.unreachable',
      false,
      true,
      'the connection to api.mypurecloud.com:443 was refused (ECONNREFUSED)',
    ],
    [
      new AggregateError([
        coded('ETIMEDOUT', { syscall: 'connect' }),
        coded('EHOSTUNREACH', { syscall: 'connect' }),
      ]),
      'genesys.unreachable',
      false,
      true,
      'no connection to api.mypurecloud.com:443 could be made',
    ],
    [
      coded('UND_ERR_CONNECT_TIMEOUT'),
      'genesys.unreachable',
      false,
      true,
      'no connection to api.mypurecloud.com:443 could be made',
    ],
    [
      coded('ENOTFOUND', { hostname: 'api.mypurecloud.com' }),
      'genesys.unreachable',
      false,
      true,
      'the host name api.mypurecloud.com cannot be resolved (ENOTFOUND)',
    ],
    [
      coded('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'genesys.tls',
      false,
      false,
      'the certificate of api.mypurecloud.com:443 is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)',
    ],
    [coded('CERT_HAS_EXPIRED'), 'genesys.tls', false, false, 'is not trusted'],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'genesys.tls', false, false, 'is not trusted'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'genesys.tls', false, false, 'is not trusted'],
    [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'genesys.tls', true, false, 'no secure connection'],
    [
      new DOMException('', 'TimeoutError'),
      'genesys.timeout',
      true,
      true,
      'no answer from api.mypurecloud.com:443 within 30 s',
    ],
    [coded('UND_ERR_HEADERS_TIMEOUT'), 'genesys.timeout', true, true, 'no answer'],
    [
      coded('UND_ERR_SOCKET'),
      'genesys.unreachable',
      true,
      true,
      'lost before the answer was complete (UND_ERR_SOCKET)',
    ],
    [coded('ECONNRESET', { syscall: 'read' }), 'genesys.unreachable', true, true, 'lost'],
    [coded('HPE_INVALID_CONSTANT'), 'genesys.not-genesys', true, false, 'does not speak HTTP'],
    [
      new RangeError('the answer is longer than 5 bytes'),
      'genesys.not-genesys',
      true,
      false,
      'longer than 5 bytes',
    ],
    [new DOMException('', 'AbortError'), 'cli.interrupted', true, false, 'was stopped'],
  ])('%s is %s', (thrown, code, wasSent, isTransient, text) => {
    const failure = failureOf(thrown, WAY);
    expect(failure).toMatchObject({ wasSent, isTransient });
    const error = errorOfFailure(REQUEST, failure);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`PUT /api/v2/routing/queues/q1: `);
    expect(error.message).toContain(text);
  });

  it('names the proxy, without its password', () => {
    const refused = failureOf(coded('ECONNREFUSED'), { ...WAY, proxy: 'proxy.example.org:3128' });
    expect(refused.text).toBe(
      'the connection to api.mypurecloud.com:443, or to the proxy proxy.example.org:3128 that the environment names, was refused (ECONNREFUSED)',
    );
  });

  it.each([
    ['407', false],
    ['503', true],
  ])('tells a proxy that answers %s', (status, isTransient) => {
    const thrown = new Error(`Proxy response (${status}) !== 200 when HTTP Tunneling`);
    expect(failureOf(thrown, { ...WAY, proxy: 'proxy.example.org:3128' })).toMatchObject({
      reason: 'unreachable',
      wasSent: false,
      isTransient,
      text: `the proxy proxy.example.org:3128 answered ${status} for api.mypurecloud.com:443`,
    });
  });
});
