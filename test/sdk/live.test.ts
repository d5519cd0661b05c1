import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import {
  abortSignal, action, artifact, automation, concurrency, emitEvent, flow, getRunContext, getRunLogger, loadBlock, pauseFlowRun, rateLimit, saveBlock, Secret, setDefaultSession, subscribe, task, trigger, variable,
  deploymentOf, type ApiClient,
} from '../../packages/sdk/src/index.ts'
import { registerDeployment } from '../../packages/sdk/src/deployments/deployment.ts'
import { remoteOrchestratorOf } from '../../packages/sdk/src/engine/orchestrators.ts'
import { eventually } from '../faults/eventually.ts'
import { testBackgroundTasks } from './background-tasks.ts'
import { sessionWith, startTarget, type TargetName, type TestSession } from './targets.ts'
import { testTypedRequests } from './typed-requests.ts'

const square = task({ name: 'square', tags: ['numbers'] }, (x: number) => ({ squared: x * x }))
const total = task({ name: 'total', argNames: ['parts'] }, (parts: { squared: number }[]) => parts.reduce((sum, part) => sum + part.squared, 0))

for (const name of ['Spillway', 'Prefect 3.8.8'] satisfies TargetName[]) {
  describe(`against ${name}`, () => {
    let client: ApiClient
    let own: TestSession

    before(async () => {
      const target = await startTarget(name)
      own = sessionWith(target.apiUrl)
      client = own.session.remote!.client
    })

    /** The id of the run that the flow has had, once all that it recorded is there. */
    async function recorded(flowName: string, tasks: number): Promise<string> {
      const [run] = await client.filterFlowRuns({ flows: { name: { any_: [flowName] } }, limit: 1 })
      await eventually(async () => (await client.filterTaskRuns({ flow_runs: { id: { any_: [run!.id] } } })).filter((one) => one.end_time !== null).length === tasks, `${tasks} task runs`, 60)
      return run!.id
    }

    test('runs, tasks, edges and logs are there as the flow made them', async () => {
      setDefaultSession(own.session)
      const main = flow({ name: 'squares', tags: ['nightly'], runName: ({ count }) => `squares of ${count}`, params: z.object({ count: z.number() }) }, async ({ count }) => {
        getRunLogger().info('begins', { count })
        const parts = Array.from({ length: count }, (_, index) => square.submit(index))
        return await total(parts as never)
      })
      assert.equal(await main({ count: 4 }), 14)
      const id = await recorded('squares', 5)
      const run = await client.readFlowRun(id)
      assert.deepEqual([run.name, run.state_name, run.tags, run.parameters, run.run_count], ['squares of 4', 'Completed', ['nightly'], { count: 4 }, 1])
      const tasks = await client.filterTaskRuns({ flow_runs: { id: { any_: [id] } } })
      const sum = tasks.find((one) => one.name?.startsWith('total'))
      const edges = (sum!.task_inputs as unknown as Record<string, { id: string }[]>)['parts']!.map((input) => input.id)
      assert.deepEqual(edges.toSorted(), tasks.filter((one) => one.name?.startsWith('square')).map((one) => one.id).toSorted())
      assert.ok(tasks.every((one) => one.state_name === 'Completed' && one.run_count === 1))
      const logs = await client.filterLogs({ logs: { flow_run_id: { any_: [id] } } })
      assert.ok(logs.some((log) => log.message === 'begins {"count":4}' && log.level === 20))
    })

    test('a flow that fails is tried again by the server’s rules, and its state tells the error', async () => {
      setDefaultSession(own.session)
      const attempts: number[] = []
      const main = flow({ name: 'stubborn', retries: 1 }, () => {
        attempts.push(getRunContext().attempt)
        throw new RangeError('too far')
      })
      await assert.rejects(main(), RangeError)
      assert.deepEqual(attempts, [1, 2])
      const run = await client.readFlowRun(await recorded('stubborn', 0))
      assert.deepEqual([run.state_name, run.run_count, run.state?.message], ['Failed', 2, 'Flow run encountered an exception: RangeError: too far'])
    })

    test('a run that somebody cancels aborts its signal, though no runner has started it', async () => {
      const quick = sessionWith(client.apiUrl, { SPILLWAY_HEARTBEAT_SECONDS: '0.3' })
      const main = flow({ name: 'cancelled' }, async () => {
        const { flowRun } = getRunContext()
        await client.setFlowRunState(flowRun!.id, { type: 'CANCELLING', name: 'Cancelling' })
        await task({ name: 'waits' }, () => delay(60_000, undefined, { signal: abortSignal() }))()
      })
      const outcome = await main.run({}, { session: quick.session })
      assert.equal(outcome.state.name, 'Cancelled')
      const run = await client.readFlowRun(await recorded('cancelled', 1))
      assert.equal(run.state_name, 'Cancelled')
    })

    test('a paused run goes on with what it was given', async () => {
      setDefaultSession(own.session)
      const Approval = z.object({ approved: z.boolean(), by: z.string().default('nobody') })
      const main = flow({ name: 'asks' }, async () => await pauseFlowRun({ input: Approval, timeout: '1m' }))
      const result = main()
      let id = ''
      await eventually(async () => {
        const [run] = await client.filterFlowRuns({ flows: { name: { any_: ['asks'] } } })
        id = run?.id ?? ''
        return run?.state_name === 'Paused' && (await client.readFlowRunInput(id, 'paused-1-schema')) !== undefined
      }, 'the run to pause', 60)
      const refused = await client.resumeFlowRun(id, { approved: 'perhaps' })
      assert.equal(refused.status, 'REJECT')
      await client.resumeFlowRun(id, { approved: true, by: 'the owner' })
      assert.deepEqual(await result, { approved: true, by: 'the owner' })
    })

    test('a run keeps the slot of its deployment’s limit as long as it takes, and gives it back', async () => {
      const kept: [leaseId: string, seconds: number][] = []
      const dropped: string[] = []
      const limited = sessionWith(client.apiUrl)
      const { leases } = limited.session.remote!
      leases.keep = (leaseId, seconds) => void kept.push([leaseId, seconds])
      leases.drop = (leaseId) => void dropped.push(leaseId)
      const main = flow({ name: 'one-at-a-time' }, () => 'done')
      const deployment = await registerDeployment(client, deploymentOf(main, { name: 'test', limit: 1 }))
      const { id } = await client.createFlowRunFromDeployment(deployment, {})
      await client.setFlowRunState(id, { type: 'PENDING' })
      const adopted = await remoteOrchestratorOf(limited.session).adopt(id, { retries: 0, retryDelaySeconds: 0 })
      assert.equal((await main.run({}, { adopted, session: limited.session })).state.name, 'Completed')
      assert.equal(kept.length, 1)
      assert.equal(kept[0]![1], 300)
      assert.deepEqual(dropped, [kept[0]![0]])
    })

    test('artifacts, variables, blocks and events of a run are there', async () => {
      setDefaultSession(own.session)
      const main = flow({ name: 'leaves-things' }, async () => {
        await artifact.markdown('# Report', { key: 'report' })
        const progress = await artifact.progress(10, { key: 'progress' })
        await artifact.update(progress, 90)
        await artifact.table([{ day: 'monday', rows: 3 }], { key: 'rows' })
        await variable.set('region', { name: 'eu' })
        await variable.set('region', { name: 'us' })
        await saveBlock('ts-login/crm', { user: 'me', password: new Secret('s3cret-word') })
        getRunLogger().info('the word is s3cret-word')
        emitEvent('crm.synced', { resource: { id: 'crm.accounts', name: 'accounts' }, payload: { rows: 3 } })
        return await variable.get('region', { schema: z.object({ name: z.string() }) })
      })
      assert.deepEqual(await main(), { name: 'us' })
      const id = await recorded('leaves-things', 0)
      assert.equal((await client.latestArtifact('report'))?.flow_run_id, id)
      assert.equal((await client.latestArtifact('progress'))?.data, 90)
      const login = await loadBlock('ts-login/crm', { schema: z.object({ user: z.string(), password: z.instanceof(Secret) }) })
      assert.equal(login.user, 'me')
      assert.equal(login.password.get(), 's3cret-word')
      assert.equal(await variable.get('nowhere', { schema: z.number(), fallback: 7 }), 7)
      const events = { filter: { event: { name: ['crm.synced'] } } }
      await eventually(async () => (await client.filterEvents(events)).total === 1, 'the event', 60)
      const { events: [event] } = await client.filterEvents(events)
      assert.ok((event!.related as unknown as Record<string, string>[]).some((other) => other['prefect.resource.id'] === `prefect.flow-run.${id}`))
      const logs = await client.filterLogs({ logs: { flow_run_id: { any_: [id] } } })
      assert.ok(logs.some((log) => log.message === 'the word is ********'))
    })

    test('a subscription brings the events of runs and of others as they come', async () => {
      setDefaultSession(own.session)
      const seen: string[] = []
      const main = flow({ name: 'watched' }, () => {
        emitEvent('live.told', { resource: { id: 'live.1' } })
        return 'done'
      })
      const watching = (async (): Promise<void> => {
        for await (const { event } of subscribe({ event: ['live.*', 'prefect.flow-run.Completed'] }, { since: '1m', signal: AbortSignal.timeout(60_000) })) {
          seen.push(event)
          if (seen.includes('live.told') && seen.includes('prefect.flow-run.Completed')) return
        }
      })()
      await main()
      await watching
      assert.ok(seen.includes('live.told') && seen.includes('prefect.flow-run.Completed'), seen.join())
    })

    test('an automation is made once by its name, acts where the server does, and names what it cannot find', async () => {
      setDefaultSession(own.session)
      const paid = flow({ name: 'books-order', params: z.object({ order: z.string(), times: z.number().default(1) }) }, ({ order }) => order)
      await registerDeployment(client, deploymentOf(paid, { name: 'test' }))
      const make = (description: string): Promise<string> =>
        automation({
          name: 'orders',
          description,
          trigger: trigger.any([trigger.event('order.paid', { match: { 'prefect.resource.id': 'order.*' } }), trigger.missing('order.never', { after: 'order.begun', within: '1h', forEach: 'prefect.resource.id' })]),
          actions: [action.runDeployment(paid, 'test', { order: '{{ event.payload.order }}' }), action.doNothing()],
        })
      const id = await make('first')
      assert.equal(await make('second'), id)
      const [stored] = await client.findAutomations('orders')
      assert.deepEqual([stored!.id, stored!.description, stored!.actions.length], [id, 'second', 2])
      // Spillway keeps automations; it does not act on them yet.
      let againMs = 0
      if (name !== 'Spillway') await eventually(async () => {
        // Again now and then: a server takes a moment to know of a new automation.
        if (performance.now() > againMs) emitEvent('order.paid', { resource: { id: 'order.7' }, payload: { order: 'seven' } })
        if (performance.now() > againMs) againMs = performance.now() + 3000
        const runs = await client.filterFlowRuns({ flows: { name: { any_: ['books-order'] } } })
        return runs.some((run) => (run.parameters as { order?: unknown }).order === 'seven')
      }, 'a run for the order', 180)
      const nowhere = automation({ name: 'lost', trigger: trigger.event('x'), actions: [action.pauseDeployment('no/where')] })
      await assert.rejects(nowhere, /there is no deployment 'no\/where'/)
    })

    testBackgroundTasks(() => own)
    testTypedRequests(() => client)

    test('slots of a limit are never held by more than it has, and are free again afterwards', async () => {
      setDefaultSession(own.session)
      await client.call('POST', '/v2/concurrency_limits/', { name: 'warehouse', limit: 2 })
      let open = 0
      let most = 0
      const work = async (): Promise<void> => {
        most = Math.max(most, ++open)
        await delay(20)
        open--
      }
      const limited = task({ name: 'limited', concurrency: 'warehouse' }, work)
      const main = flow({ name: 'limits' }, async () => {
        await Promise.all([limited(), limited(), concurrency('warehouse', work, { lease: '60s' })])
        await rateLimit('nothing-called-so')
      })
      await main()
      assert.ok(most <= 2 && most > 0, String(most))
      await eventually(async () => (await client.call<{ active_slots: number }>('GET', '/v2/concurrency_limits/warehouse')).active_slots === 0, 'the slots to be free')
      assert.ok(own.log.some((line) => /no concurrency limit called nothing-called-so/.test(line)))
    })
  })
}
