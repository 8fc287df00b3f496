/** Who may do what: OAuth clients, their tokens, and the divisions in which a permission holds. */
import { isoInstant, type SimulatorClock } from './clock.js';
import { PlatformError } from './errors.js';
import { uuidOf } from './random.js';

/** Permissions that hold in some divisions: a role given to a client. */
export interface Grant {
  /** Such as `routing:queue:edit`, or `*` for all. */
  readonly permissions: '*' | readonly string[];
  /** Names or ids of divisions, or `*` for all. */
  readonly divisions: '*' | readonly string[];
}

/** An OAuth client with the client-credentials grant. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  readonly grants: readonly Grant[];
}

interface Token {
  readonly client: OAuthClient;
  readonly expiresAt: number;
}

/** The tokens that were issued. */
export class Tokens {
  readonly #clock: SimulatorClock;
  readonly #ttlSeconds: number;
  readonly #tokens = new Map<string, Token>();
  #issued = 0;

  constructor(clock: SimulatorClock, ttlSeconds: number) {
    this.#clock = clock;
    this.#ttlSeconds = ttlSeconds;
  }

  /** How long a token lives, in seconds. */
  get ttlSeconds(): number {
    return this.#ttlSeconds;
  }

  /** A fresh token; the ones before it stay good. */
  issue(client: OAuthClient): string {
    const token = uuidOf('token', client.id, this.#issued++).replaceAll('-', '');
    this.#tokens.set(token, { client, expiresAt: this.#clock.now() + this.#ttlSeconds * 1000 });
    return token;
  }

  /** Ends every token at once. */
  expireAll(): void {
    this.#tokens.clear();
  }

  /** Ends one token. */
  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** When a token ends, as the platform writes instants. */
  expiresAt(token: string): string {
    return isoInstant(this.#tokens.get(token)?.expiresAt ?? this.#clock.now());
  }

  /** The token and its client behind an `Authorization` header, or 401. */
  authenticate(header: string | undefined): {
    readonly token: string;
    readonly client: OAuthClient;
  } {
    const token = /^bearer\s+(\S+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) throw new PlatformError('authentication.required');
    const known = this.#tokens.get(token);
    if (known === undefined || known.expiresAt <= this.#clock.now()) {
      throw new PlatformError('bad.credentials');
    }
    return { token, client: known.client };
  }
}

const gives = (grant: Grant, permission: string): boolean =>
  grant.permissions === '*' || grant.permissions.includes(permission);

/** Refuses with 403 a client that lacks one of the permissions in every division. */
export const requirePermissions = (client: OAuthClient, permissions: readonly string[]): void => {
  const missing = permissions.filter(
    (permission) => !client.grants.some((grant) => gives(grant, permission)),
  );
  if (missing.length > 0) {
    throw new PlatformError('missing.permissions', { permissions: missing.join(', ') });
  }
};

/** A division, or the mark of all divisions. */
interface DivisionReference {
  readonly id?: string;
  readonly name?: string;
}

/** Whether a permission holds in a division. What belongs to all divisions (`*`) needs it in any. */
export const isAllowedIn = (
  client: OAuthClient,
  permission: string,
  division: DivisionReference | undefined,
): boolean =>
  client.grants.some(
    (grant) =>
      gives(grant, permission) &&
      (grant.divisions === '*' ||
        division?.id === '*' ||
        grant.divisions.includes(division?.id ?? '') ||
        grant.divisions.includes(division?.name ?? '')),
  );

/** Refuses with 403 a client whose permission does not reach a division. */
export const requireIn = (
  client: OAuthClient,
  permission: string,
  division: DivisionReference | undefined,
): void => {
  if (isAllowedIn(client, permission, division)) return;
  throw new PlatformError('missing.division.permission', {
    permission,
    divisions: division?.name ?? division?.id ?? 'unknown',
  });
};
