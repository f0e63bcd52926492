/** The page that a person opens belongs to a client that the server does not know: so the mail holds the token. */
export const resetMail = (token: string) => ({
  kind: 'password_reset' as const,
  subject: 'A new password',
  body: `Somebody, probably you, asked for a new password for this e-mail address.

Your reset token is: ${token}

It can be used once, within 60 minutes. If it was not you, leave it: your password stays as it is.`,
});
