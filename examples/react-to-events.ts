// An event-driven reaction: one flow tells what has happened, and each such event starts a run of the other one's deployment.
// The automation is made once; the server's part of it works where the server runs automations.
//
//     node examples/react-to-events.ts serve    # serves refund/prod and makes the automation
//     node examples/react-to-events.ts          # takes orders
import { defaultSession, deploymentOf, emitEvent, flow, serve, task } from '@spillway/sdk'
import { z } from 'zod'

export const refund = flow({ name: 'refund', params: z.object({ order: z.string() }) }, async ({ order }) => {
  await task({ name: 'send-money-back' }, (id: string) => `refunded ${id}`)(order)
})

export const takeOrders = flow({ name: 'take-orders' }, (input: { orders: { id: string; paid: boolean; inStock: boolean }[] }) => {
  const lost = input.orders.filter((order) => order.paid && !order.inStock)
  for (const { id } of lost) emitEvent('order.unfulfillable', { resource: { id: `shop.order.${id}`, name: `Order ${id}` }, payload: { order: id } })
  return { unfulfillable: lost.length }
})

/** A run of `refund/prod` for each event, with the order's id from the event. */
export async function makeAutomation(): Promise<void> {
  const { client } = defaultSession().remote!
  const deployment = await client.findDeployment('refund', 'prod')
  await client.call('POST', '/automations/', {
    name: 'Refund what cannot be fulfilled',
    trigger: { type: 'event', posture: 'Reactive', expect: ['order.unfulfillable'], threshold: 1, within: 0 },
    actions: [{ type: 'run-deployment', source: 'selected', deployment_id: deployment!.id, parameters: { order: { __prefect_kind: 'jinja', template: '{{ event.payload.order }}' } } }],
  })
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === 'serve') {
    const served = serve(deploymentOf(refund, { name: 'prod' }))
    setTimeout(() => void makeAutomation(), 2000)
    await served
  } else {
    console.log(await takeOrders({ orders: [{ id: 'A7', paid: true, inStock: false }, { id: 'A8', paid: true, inStock: true }] }))
  }
}
