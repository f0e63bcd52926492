/** 32 random bytes: nobody guesses them, so a fast hash is enough to store them by. */
export const newToken = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');

export const hashed = (token: string): Uint8Array => new Bun.CryptoHasher('sha256').update(token).digest();

export const isToken = (text: string): boolean => new RegExp(TOKEN_PATTERN).test(text);

// 32 bytes make 43 characters, whose last carries two unused bits: these are the sixteen without them.
export const TOKEN_PATTERN = '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$';
