import type { Settings } from '../../settings.ts'
import { prefectVersion } from '../../versions.ts'
import type { Page } from '../pages.ts'
import { escapeHtml, htmlPage } from './shell.ts'

/** What this is, how clients reach it, and the next line to type. */
export function homePage(apiUrl: string, settings: Settings, isReady: boolean): Page {
  const base = settings.basePath
  const password = settings.authString === undefined ? '' : "\nexport PREFECT_API_AUTH_STRING='…'"
  const link = (path: string, text: string): string =>
    `<dt><a href="${escapeHtml(path)}">${escapeHtml(path)}</a></dt><dd>${text}</dd>`
  return htmlPage({
    title: 'Home',
    body:
      "<h1>Spillway is running</h1><p>A self-hosted workflow orchestration server that speaks Prefect 3's API. " +
      'Unmodified clients, workers and the <code>prefect</code> command work with it. ' +
      `It is ${isReady ? 'ready' : 'not ready yet'}.</p><h2>Next</h2><p>Tell your client where the API is:</p>` +
      `<pre>export PREFECT_API_URL=${escapeHtml(apiUrl)}${password}</pre>` +
      '<p>Then run a flow, or see what is there:</p><pre>prefect flow-run ls</pre>' +
      `<h2>Here</h2><dl>${link('/docs', 'every operation of the API')}${link('/openapi.json', 'the same for programs')}` +
      `${link(`${base}/health`, 'whether the process lives')}${link(`${base}/ready`, 'whether it takes requests')}` +
      `${link(`${base}/metrics`, 'figures for Prometheus')}</dl>` +
      `<p class="soft">API of Prefect ${prefectVersion}. ` +
      'Spillway is an independent project and not affiliated with Prefect Technologies.</p>',
  })
}
