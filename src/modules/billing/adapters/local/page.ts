import { createHash } from 'node:crypto';
import { Html, html } from './html';

/** A page as it is sent. */
export interface Page {
  readonly status: number;
  readonly text: string;
  /** Where its forms may lead besides to the service itself: browsers hold redirections after a form to it. */
  readonly formTargets: readonly string[];
}

const STYLE = `
body { margin: 0; padding: 2rem 1rem; background: #f4f4f1; color: #1c1c1c; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 0 auto; }
section { margin: 1rem 0; padding: 1rem 1.5rem; background: #fff; border: 1px solid #ddd; border-radius: .5rem; }
h1 { font-size: 1.5rem; } h2 { margin: .25rem 0; font-size: 1.2rem; }
button { margin: .25rem .25rem .25rem 0; padding: .5rem 1rem; border: 1px solid #9a9a9a; border-radius: .3rem; background: #fff; font: inherit; cursor: pointer; }
button.main { border-color: #14532d; background: #15803d; color: #fff; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem 1rem; } dt { color: #6a6a6a; } dd { margin: 0; }
.note { padding: .5rem 1rem; background: #fef3c7; border-radius: .3rem; } footer, .quiet { color: #6a6a6a; font-size: .9rem; }
`;
/** In one piece: browsers compare its hash with all that stands between the tags. */
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** A URL's origin that can stand in a policy without becoming part of its syntax. */
const PLAIN_ORIGIN = /^https?:\/\/[\w.:[\]-]+$/;

/** A whole page of the local payment side. */
export function toPage(title: string, content: Html, formTargets: readonly string[] = [], status = 200): Page {
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
          <footer>This page stands in for a payment vendor, to try the service out. No money moves.</footer>
        </main>
      </body>
    </html>`.text;
  return { status, text, formTargets };
}

/** Nothing is loaded from anywhere, no script runs, and nobody may frame the page. */
export function contentSecurityPolicy({ formTargets }: Page): string {
  const origins = formTargets.flatMap((target) => (isWebAddress(target) ? [new URL(target).origin] : []));
  const allowed = ["'self'", ...origins.filter((origin) => PLAIN_ORIGIN.test(origin))];
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${allowed.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function isWebAddress(target: string): boolean {
  return URL.canParse(target) && /^https?:$/.test(new URL(target).protocol);
}

/** A link, as long as it leads to a web page. */
export function link(target: string, text: string): Html {
  return isWebAddress(target) ? html`<a href="${target}">${text}</a>` : html`${text}`;
}

/** `2026-11-22 19:05 UTC` */
export function moment(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
