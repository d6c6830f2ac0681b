import { storableText } from './storable';

const MAX_LENGTH = 300;

/** A vendor's text, fit to be stored and shown to administrators: on one line, short, without our secrets. */
export function toDetail(text: string, secrets: readonly string[]): string {
  const clean = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), storableText(text))
    .replace(/\s+/g, ' ')
    .trim();
  // The cut may go through the middle of a character.
  return clean.length <= MAX_LENGTH ? clean : `${storableText(clean.slice(0, MAX_LENGTH - 1))}…`;
}
