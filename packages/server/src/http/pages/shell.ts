import { randomBytes } from 'node:crypto'
import type { Page } from '../pages.ts'

const icon =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5c8a"/>' +
      '<path d="M6 9h8c7 0 5 13 12 13" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>',
  )

const style = `
:root{color-scheme:light dark;--ink:#17202a;--soft:#5b6772;--line:#d9dfe5;--paper:#fff;--tint:#f4f7f9;--accent:#0b5c8a}
@media(prefers-color-scheme:dark){
:root{--ink:#e6ebf0;--soft:#9aa7b3;--line:#2c3742;--paper:#11171d;--tint:#1a222a;--accent:#6ab7e6}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem}
header{border-bottom:1px solid var(--line)}
header a{display:block;max-width:60rem;margin:0 auto;padding:.75rem 1rem;font-weight:600;color:var(--ink);
text-decoration:none}
h1{font-size:1.6rem;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
a{color:var(--accent)}
p{margin:.5rem 0}
.soft{color:var(--soft)}
code,pre{font:14px/1.5 ui-monospace,monospace}
pre{background:var(--tint);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;overflow-x:auto;
white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
td{border-top:1px solid var(--line);padding:.3rem .75rem .3rem 0;vertical-align:top}
td:first-child{width:5rem}
input,button{font:inherit;padding:.35rem .75rem;border:1px solid var(--line);border-radius:.4rem;
background:var(--paper);color:var(--ink)}
button{background:var(--accent);color:var(--paper);border-color:var(--accent);cursor:pointer}
.state{display:inline-block;padding:.05rem .6rem;border:1px solid currentColor;border-radius:1rem}
summary{cursor:pointer;margin:2rem 0 .5rem}
`

/** A text for the inside of HTML, attributes included. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

export interface HtmlPage {
  title: string
  /** HTML; whatever comes from outside must be escaped already. */
  body: string
  status?: number
  /** JavaScript of the page itself. */
  script?: string
  /** What the script finds as `page`. */
  data?: unknown
  /** Further origins that the script may call. */
  connectTo?: readonly string[]
}

/** A whole page: nothing of it comes from elsewhere, and only its own style and script run. */
export function htmlPage({ title, body, status = 200, script, data, connectTo = [] }: HtmlPage): Page {
  const nonce = randomBytes(16).toString('base64')
  const scripts = script
    ? `<script type="application/json" id="page">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>` +
      `<script nonce="${nonce}">const page=JSON.parse(document.getElementById('page').textContent);${script}</script>`
    : ''
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    text:
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)} · Spillway</title>` +
      `<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="${icon}">` +
      `<style nonce="${nonce}">${style}</style></head>` +
      `<body><header><a href="/">Spillway</a></header><main>${body}</main>${scripts}</body></html>`,
    headers: {
      'content-security-policy':
        `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; img-src data:; ` +
        `connect-src ${["'self'", ...connectTo].join(' ')}; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
  }
}
