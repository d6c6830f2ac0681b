import { html } from './html';

describe('html', () => {
  it('escapes what is put in, and leaves HTML as it is', () => {
    const name = `<script>alert("x")</script> & 'co'`;
    expect(html`<p title="${name}">${name}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;co&#39;">' +
        '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;co&#39;</p>',
    );
    const items = [html`<li>${'a<b'}</li>`, html`<li>${'c'}</li>`];
    expect(html`<b>${items}</b>`.text).toBe('<b><li>a&lt;b</li>\n<li>c</li></b>');
  });
});
