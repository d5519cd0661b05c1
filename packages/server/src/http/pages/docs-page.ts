import type { Route } from '../../routes/route.ts'
import type { Page } from '../pages.ts'
import { escapeHtml, htmlPage } from './shell.ts'

/** All operations by tag; the document that describes them in full is linked. */
export function docsPage(routes: readonly Route[], basePath: string): Page {
  const byTag = new Map<string, Route[]>()
  for (const row of routes) byTag.set(row.tag, [...(byTag.get(row.tag) ?? []), row])
  const sections = [...byTag].sort(([a], [b]) => a.localeCompare(b)).map(([tag, rows]) => section(tag, rows, basePath))
  return htmlPage({
    title: 'API',
    body:
      '<h1>API</h1><p>Every operation of this server. What each takes and answers is in ' +
      `<a href="/openapi.json">openapi.json</a>; all stand below <code>${escapeHtml(basePath)}</code>.</p>` +
      sections.join(''),
  })
}

function section(tag: string, rows: readonly Route[], basePath: string): string {
  const lines = rows.map(
    (row) =>
      `<tr><td><code>${row.method}</code></td><td><code>${escapeHtml(basePath + row.path)}</code></td>` +
      `<td class="soft">${escapeHtml(row.summary ?? '')}</td></tr>`,
  )
  return `<h2>${escapeHtml(tag)}</h2><table>${lines.join('')}</table>`
}
