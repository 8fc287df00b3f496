import { inspect } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import { Secret } from '../../src/domain/secret.js';
import { signerOf } from '../../src/webhooks/sign.js';
import type { SignedHeaders } from '../../src/webhooks/sign.js';
import { isSigned, OTHER_SECRET, SECRET } from './verify.js';

const BODY = '{"name":"Zoë"}';
const sign = (...secrets: readonly string[]): SignedHeaders =>
  signerOf(
    'reporting',
    secrets.map((secret) => new Secret(secret)),
  )('evt_1', BODY, Date.now());

const isOfficial = (headers: SignedHeaders, body: string, secret: string): boolean => {
  try {
    new Webhook(secret).verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
};

/** Both verdicts; they must not differ. */
const verdicts = (headers: SignedHeaders, body = BODY, secret = SECRET): readonly boolean[] => [
  isOfficial(headers, body, secret),
  isSigned({ ...headers }, body, secret),
];

describe('a signature', () => {
  it('is right for the body, by the official library and by the specification', () => {
    expect(verdicts(sign(SECRET))).toEqual([true, true]);
    expect(verdicts(sign(SECRET), BODY, OTHER_SECRET)).toEqual([false, false]);
  });

  it('is right under each of several secrets', () => {
    const headers = sign(SECRET, OTHER_SECRET);
    expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
    expect(verdicts(headers)).toEqual([true, true]);
    expect(verdicts(headers, BODY, OTHER_SECRET)).toEqual([true, true]);
  });

  it('is wrong once any byte is another', () => {
    const headers = sign(SECRET);
    for (let at = 0; at < BODY.length; at += 1) {
      const flipped = `${BODY.slice(0, at)}${String.fromCharCode(BODY.charCodeAt(at) ^ 1)}${BODY.slice(at + 1)}`;
      expect(isSigned({ ...headers }, flipped, SECRET)).toBe(false);
      expect(isOfficial(headers, flipped, SECRET)).toBe(false);
    }
    expect(verdicts({ ...headers, 'webhook-id': 'evt_0' })).toEqual([false, false]);
    const earlier = String(Number(headers['webhook-timestamp']) - 1);
    expect(verdicts({ ...headers, 'webhook-timestamp': earlier })).toEqual([false, false]);
  });

  it('is made at the time of the attempt, in seconds', () => {
    const signer = signerOf('reporting', [new Secret(SECRET)]);
    expect(signer('evt_1', BODY, 1_764_000_000_999)['webhook-timestamp']).toBe('1764000000');
  });
});

describe('a malformed secret', () => {
  it.each([
    'hunter2',
    'whsec_',
    'whsec_hunter2!',
    'whsec_aHVudGVyMg==',
    SECRET.slice('whsec_'.length),
    SECRET.slice(0, -1),
    `whsec_${Buffer.alloc(65, 1).toString('base64')}`,
  ])('is refused, and not repeated: %s', (secret) => {
    let thrown: unknown;
    try {
      sign(SECRET, secret);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ code: 'webhook.bad-secret' });
    const text = `${inspect(thrown, { depth: 9 })}${JSON.stringify(thrown)}`;
    expect(text).toContain('number 2');
    const tail = secret.replace('whsec_', '');
    if (tail !== '') expect(text).not.toContain(tail);
  });

  it('is one that is missing, too', () => {
    expect(() => signerOf('reporting', [])).toThrow('there is none');
  });

  it('may end with the line break of its file', () => {
    expect(verdicts(sign(`${SECRET}\n`))).toEqual([true, true]);
  });
});
