import { isUuid } from '@spillway/core/wire/ids'
import type { Page } from '../pages.ts'
import { escapeHtml, htmlPage } from './shell.ts'

interface ObjectKind {
  /** Path of the page with the object's key as its group. */
  path: RegExp
  label: string
  /** Path of the object in the API, with `{}` for the key. */
  read: string
  /** Keys are uuids unless they are names. */
  isNamed?: boolean
  /** Which filter of the logs finds those of this run. */
  logsBy?: 'flow_run_id' | 'task_run_id'
}

/** The pages to which stock clients print links, older forms included. */
const kinds: readonly ObjectKind[] = [
  { path: /^\/(?:flow-)?runs\/flow-run\/([^/]+)$/, label: 'Flow run', read: '/flow_runs/{}', logsBy: 'flow_run_id' },
  { path: /^\/(?:flow-)?runs\/task-run\/([^/]+)$/, label: 'Task run', read: '/task_runs/{}', logsBy: 'task_run_id' },
  { path: /^\/flows\/flow\/([^/]+)$/, label: 'Flow', read: '/flows/{}' },
  { path: /^\/deployments\/deployment\/([^/]+)$/, label: 'Deployment', read: '/deployments/{}' },
  {
    path: /^\/work-pools\/work-pool\/([^/]+)(?:\/worker\/[^/]+)?$/,
    label: 'Work pool',
    read: '/work_pools/{}',
    isNamed: true,
  },
  { path: /^\/work-queues\/work-queue\/([^/]+)$/, label: 'Work queue', read: '/work_queues/{}' },
  { path: /^\/blocks\/block\/([^/]+)$/, label: 'Block', read: '/block_documents/{}' },
  { path: /^\/automations\/automation\/([^/]+)$/, label: 'Automation', read: '/automations/{}' },
  {
    path: /^\/concurrency-limits\/concurrency-limit\/([^/]+)$/,
    label: 'Concurrency limit',
    read: '/v2/concurrency_limits/{}',
    isNamed: true,
  },
  { path: /^\/artifacts\/artifact\/([^/]+)$/, label: 'Artifact', read: '/artifacts/{}' },
  { path: /^\/artifacts\/key\/([^/]+)$/, label: 'Artifact', read: '/artifacts/{}/latest', isNamed: true },
  { path: /^\/variables\/variable\/([^/]+)$/, label: 'Variable', read: '/variables/{}' },
]

const logLines = 200

/**
 * The page of one object, or undefined when the path is none of an object. The page loads it from the API in the
 * browser, so that the password is asked for there and nothing is shown without it.
 *
 * @param api Where the browser finds the API.
 */
export function objectPage(path: string, api: string, csrfEnabled: boolean): Page | undefined {
  const plain = path.replace(/^\/v[12](?=\/)/, '').replace(/\/$/, '')
  for (const kind of kinds) {
    const match = kind.path.exec(plain)
    if (!match) continue
    const key = decoded(match[1]!)
    if (key === undefined || (!kind.isNamed && !isUuid(key))) return undefined
    return htmlPage({
      title: kind.label,
      body:
        `<p class="soft">${kind.label} <code>${escapeHtml(key)}</code></p>` +
        '<h1 id="name" aria-live="polite">Loading…</h1>' +
        '<noscript><p>This page needs JavaScript to load the object from the API.</p></noscript>' +
        '<form id="login" hidden><p>This server asks for a password.</p>' +
        '<label>Password, as in PREFECT_API_AUTH_STRING<br>' +
        '<input id="secret" type="password" autocomplete="current-password"></label> ' +
        '<button>Show</button></form>' +
        '<dl id="facts"></dl><div id="logs" hidden><h2>Logs</h2><pre id="lines"></pre></div>' +
        '<details id="all" hidden><summary>Everything the API says about it</summary><pre id="json"></pre></details>',
      script,
      data: {
        api,
        csrf: csrfEnabled,
        label: kind.label,
        read: kind.read.replace('{}', encodeURIComponent(key)),
        logs: kind.logsBy && { logs: { [kind.logsBy]: { any_: [key] } }, sort: 'TIMESTAMP_DESC', limit: logLines },
      },
      connectTo: /^https?:/.test(api) ? [new URL(api).origin] : [],
    })
  }
  return undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Texts go in by textContent only, so nothing that a flow says can become HTML. */
const script = `
const at=id=>document.getElementById(id);
const client=crypto.randomUUID?crypto.randomUUID():String(Math.random());
const login=()=>sessionStorage.getItem('login');
async function call(path,body){
  const headers={};
  if(login())headers.authorization='Basic '+login();
  if(body){
    headers['content-type']='application/json';
    if(page.csrf){
      headers['prefect-csrf-client']=client;
      headers['prefect-csrf-token']=(await call('/csrf-token?client='+client)).token;
    }
  }
  const response=await fetch(page.api+path,body?{method:'POST',headers,body:JSON.stringify(body)}:{headers});
  if(response.ok)return response.json();
  throw Object.assign(new Error('The API answers '+response.status+'.'),{status:response.status});
}
const linked={flow_id:'/flows/flow/',deployment_id:'/deployments/deployment/',flow_run_id:'/runs/flow-run/',
  parent_task_run_id:'/runs/task-run/',work_pool_name:'/work-pools/work-pool/'};
const wanted=['state_name','flow_id','deployment_id','flow_run_id','parent_task_run_id','work_pool_name',
  'work_queue_name','status','type','created','expected_start_time','start_time','end_time','total_run_time',
  'tags','parameters','entrypoint','description','enabled','limit','active_slots','value','data'];
function fact(name,value){
  if(value===null||value===undefined||value===''||(Array.isArray(value)&&!value.length))return;
  const term=document.createElement('dt'),text=document.createElement('dd');
  term.textContent=name.replace(/_/g,' ');
  let inner=text;
  if(linked[name]){
    inner=document.createElement('a');inner.href=linked[name]+encodeURIComponent(value);text.append(inner)
  }
  if(name==='state_name'){inner=document.createElement('span');inner.className='state';text.append(inner)}
  const isTime=name.endsWith('_time')&&typeof value==='string'||name==='created';
  inner.textContent=isTime?new Date(value).toLocaleString():typeof value==='object'?JSON.stringify(value):String(value);
  at('facts').append(term,text);
}
async function show(){
  const found=await call(page.read);
  const name=found.name||found.key||page.label;
  document.title=name+' · Spillway';
  at('name').textContent=name;
  at('facts').replaceChildren();
  for(const field of wanted)fact(field,found[field]);
  if(found.state&&found.state.message)fact('message',found.state.message);
  at('json').textContent=JSON.stringify(found,null,2);
  at('all').hidden=false;
  if(page.logs){
    const lines=await call('/logs/filter',page.logs);
    const shown=lines.reverse().map(line=>new Date(line.timestamp).toLocaleTimeString()+'  '+line.message);
    at('lines').textContent=shown.join('\\n')||'There are none.';
    at('logs').hidden=false;
  }
  if(page.logs&&!['COMPLETED','FAILED','CRASHED','CANCELLED'].includes(found.state_type))setTimeout(load,5000);
}
async function load(){
  try{await show();at('login').hidden=true}
  catch(error){
    if(error.status===401){at('name').textContent=page.label;at('login').hidden=false;return}
    at('name').textContent=error.status===404?'There is no such '+page.label.toLowerCase()+'.':error.message;
  }
}
at('login').addEventListener('submit',event=>{
  event.preventDefault();
  const bytes=new TextEncoder().encode(at('secret').value);
  sessionStorage.setItem('login',btoa(String.fromCharCode(...bytes)));
  load();
});
load();
`
