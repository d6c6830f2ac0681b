import { type Html, html } from './html';

/** What a page says about what was just chosen on it. */
const NOTES = {
  done: 'Done.',
  declined: 'The card was declined. Nothing was paid.',
  outdated: 'Nothing was done: the page was out of date. This is how things are now.',
} as const;
export type Note = keyof typeof NOTES;

/** Says nothing for what is no note: it comes from the address line. */
export function showNote(note: string | undefined): Html {
  const known = Object.entries(NOTES).find(([name]) => name === note);
  return known ? html`<p class="note" role="status">${known[1]}</p>` : html``;
}
