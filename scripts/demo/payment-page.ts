/** One form of a page, as a browser without scripts sees it. */
export interface PageForm {
  readonly target: string;
  readonly hidden: Readonly<Record<string, string>>;
  /** The values of its buttons. */
  readonly actions: readonly string[];
}

const FORM = /<form method="post" action="([^"]*)">(.*?)<\/form>/gs;
const HIDDEN = /<input type="hidden" name="([^"]*)" value="([^"]*)"/g;
const BUTTON = /<button[^>]* name="action" value="([^"]*)"/g;

/** The forms of a page of the local payment side. Its markup is ours: no more of HTML is understood than that needs. */
export function formsOf(page: string): readonly PageForm[] {
  return [...page.matchAll(FORM)].map(([, target = '', content = '']) => ({
    target,
    hidden: Object.fromEntries([...content.matchAll(HIDDEN)].map(([, name = '', value = '']) => [name, value])),
    actions: [...content.matchAll(BUTTON)].map(([, action = '']) => action),
  }));
}

/**
 * Opens a page and presses a button on it, as a person would.
 * @returns where the browser is sent
 * @throws an Error when the page has no such button, or leads nowhere
 */
export async function pressButton(url: string, action: string, stopped: AbortSignal): Promise<string> {
  const page = await fetch(url, { signal: stopped });
  const form = formsOf(await page.text()).find(({ actions }) => actions.includes(action));
  if (!form) throw new Error(`The page ${url} (${page.status}) offers no "${action}"`);
  const answer = await fetch(new URL(form.target, url), {
    method: 'POST',
    body: new URLSearchParams({ ...form.hidden, action }),
    redirect: 'manual',
    signal: stopped,
  });
  await answer.arrayBuffer();
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`The page ${url} leads nowhere (${answer.status})`);
  return new URL(location, url).href;
}
