// An event-driven reaction: one flow tells what has happened, and each such event starts a run of the other one's deployment.
// The automation that ties them is kept by the server, and made anew under its name however often this is started. Servers that
// act on automations start the run: Prefect's do, Spillway's keeps them and does not act on them yet.
//
//     node examples/react-to-events.ts serve    # serves refund/prod
//     node examples/react-to-events.ts          # makes the automation, and takes orders, one of which cannot be fulfilled
import { action, automation, deploymentOf, emitEvent, flow, serve, task, trigger } from '@spillway/sdk'
import { z } from 'zod'

const sendMoneyBack = task({ name: 'send-money-back', retries: 3, retryDelay: '1s' }, (order: string) => `refunded ${order}`)

export const refund = flow({ name: 'refund', params: z.object({ order: z.string() }) }, async ({ order }) => await sendMoneyBack(order))

export const takeOrders = flow({ name: 'take-orders' }, (input: { orders: { id: string; paid: boolean; inStock: boolean }[] }) => {
  const lost = input.orders.filter((order) => order.paid && !order.inStock)
  for (const { id } of lost) emitEvent('order.unfulfillable', { resource: { id: `shop.order.${id}`, name: `Order ${id}` }, payload: { order: id } })
  return { unfulfillable: lost.length }
})

/** A run of `refund/prod` for each event, with the order's id from the event. */
export async function makeAutomation(): Promise<void> {
  await automation({
    name: 'Refund what cannot be fulfilled',
    trigger: trigger.event('order.unfulfillable', { match: { 'prefect.resource.id': 'shop.order.*' } }),
    actions: [action.runDeployment(refund, 'prod', { order: '{{ event.payload.order }}' })],
  })
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === 'serve') await serve(deploymentOf(refund, { name: 'prod' }))
  else {
    await makeAutomation()
    console.log(await takeOrders({ orders: [{ id: 'A7', paid: true, inStock: false }, { id: 'A8', paid: true, inStock: true }] }))
  }
}
