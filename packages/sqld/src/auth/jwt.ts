import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Claims of a token. */
export interface TokenClaims {
  /** Access level. Default: `read-write`. */
  readonly access?: 'read-only' | 'read-write' | undefined;
  /** Seconds until the token expires; negative for an expired token. Default: never expires. */
  readonly expiresIn?: number | undefined;
}

/** A pair of Ed25519 keys for signing and verifying sqld tokens. */
export interface JwtKeys {
  /** The 32-byte public key in URL-safe base64, as sqld expects it. */
  readonly publicKey: string;
  /** Issues a token that a server with this public key accepts. */
  token(claims?: TokenClaims): string;
}

/** Generates a pair of keys. Tokens are JWTs signed with EdDSA (RFC 8037); sqld reads the claims `a` and `exp`. */
export function createJwtKeys(): JwtKeys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  // The last 32 bytes of the SPKI encoding are the raw key (RFC 8410).
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    publicKey: raw.toString('base64url'),
    token: (claims = {}) => signToken(privateKey, claims),
  };
}

function signToken(key: KeyObject, { access = 'read-write', expiresIn }: TokenClaims): string {
  const payload = {
    a: access === 'read-only' ? 'ro' : 'rw',
    ...(expiresIn === undefined ? {} : { exp: Math.floor(Date.now() / 1000) + expiresIn }),
  };
  const body = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode(payload)}`;
  return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
