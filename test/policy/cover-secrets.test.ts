import { describe, expect, test } from 'vitest';
import { coverSecrets } from '../../src/policy/cover-secrets.js';

describe('coverSecrets', () => {
  test.each([
    ['apiToken: hunter2', 'apiToken: •••••••'],
    ['  "gitSecret": "a # b"', '  "gitSecret": •• • ••'],
    ['daemon: { listen: "[::1]:80", apiToken: a }', 'daemon: { listen: "[::1]:80", apiToken: • •'],
    ['secrets: [hunter2, { env: A }]', 'secrets: [•••••••• • •••• • ••'],
    ['secrets: [{ env: A }, hunter2]', 'secrets: [{ •••• • •• ••••••••'],
    ['apiToken: { literal: hunter2 }', 'apiToken: { •••••••• ••••••• •'],
    ['OAUTHCLIENT_SECRET: a b', 'OAUTHCLIENT_SECRET: • •'],
    ['url: https://me:pw@example.com', 'url: https://•••••••••••••••••'],
    ['url: https://example.com/hooks?key=1', 'url: https://example.com/•••••••••••'],
    ['- whsec_aGk= # old', '- whsec_•••• • •••'],
    ['secrets: [{ env: whsec_aGk= }]', 'secrets: [{ •••• •••••••••• ••'],
  ])('%s', (text, covered) => {
    expect(coverSecrets(text)).toBe(covered);
  });

  test.each([
    'secrets: [{ env: WRAPKEEPER_WEBHOOK_SECRET }, { file: /run/secrets/old }]',
    'daemon: { apiToken: { env: TOKEN }, listen: 127.0.0.1:8080 }',
    'secrets:\n  - env: WRAPKEEPER_WEBHOOK_SECRET\n  - { file: /run/secrets/old }\nname: reporting',
    'url: http://example.com',
    'limits: { requestsPerMinute: 300 }',
  ])('leaves references and all else: %s', (text) => {
    expect(coverSecrets(text)).toBe(text);
  });

  test('covers what stands below a key: a list, brackets, a block of text', () => {
    expect(
      coverSecrets(
        'secrets:\n- one\n- env: A\nname: x\n  apiToken: |\n    two\n\n    three: four\n  after: y\nsecrets: [\n  five,\n]',
      ),
    ).toBe(
      'secrets:\n- •••\n- env: A\nname: x\n  apiToken: |\n    •••\n\n    •••••• ••••\n  after: y\nsecrets: [\n  •••••\n]',
    );
  });

  test('keeps every line and column', () => {
    const text = 'a: 1\r\napiToken: 🔑 key\r\nb: 2';
    expect(coverSecrets(text)).toBe('a: 1\r\napiToken: •• •••\r\nb: 2');
  });
});
