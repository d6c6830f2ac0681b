import { formsOf } from '../../scripts/demo/payment-page';

/** What pressing a button leads to. */
export interface Pressed {
  readonly status: number;
  readonly text: string;
  /** Where the browser is sent; null when it stays. */
  readonly location: string | null;
}

/** A page of the local payment side, looked at by somebody. */
export interface PaymentPage {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The choices of every form, from top to bottom. */
  readonly actions: readonly string[];
  /** Presses a button as the page shows it, even if it has been pressed before. Throws when the page has none. */
  press(action: string): Promise<Pressed>;
}

export async function visit(url: string): Promise<PaymentPage> {
  const response = await fetch(url);
  const text = await response.text();
  const forms = formsOf(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    actions: forms.flatMap(({ actions }) => actions),
    press: (action) => {
      const form = forms.find(({ actions }) => actions.includes(action));
      if (!form) throw new Error(`${url} offers no ${action}`);
      return submit(new URL(form.target, url).href, { ...form.hidden, action });
    },
  };
}

/** Sends what a form would, whatever the page offers. */
export async function submit(url: string, fields: Readonly<Record<string, string>>): Promise<Pressed> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  const location = response.headers.get('location');
  return { status: response.status, text: await response.text(), location: location && new URL(location, url).href };
}
