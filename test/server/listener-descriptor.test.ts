import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import test from 'node:test'
import { startServerProcess, temporaryFolder } from './server-process.ts'

/** Enough to take every low descriptor that start-up has left free. */
const connections = 300

test('a killed server refuses those who dial again the moment their connection ends', { skip: process.platform !== 'linux' && 'needs /proc' }, async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const port = Number(new URL(server.url).port)
  const open = Array.from({ length: connections }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await Promise.all(open.map((socket) => once(socket, 'connect')))
  await (await fetch(`${server.url}/api/health`)).arrayBuffer()

  const { listener, highest } = descriptors(server.child.pid!, port)
  assert.ok(listener > highest, `the listener has descriptor ${listener}, a connection has ${highest}: it would be closed after it`)

  const redials = open.map((socket) => once(socket, 'close').then(() => redial(port)))
  server.child.kill('SIGKILL')
  assert.deepEqual([...new Set(await Promise.all(redials))], ['ECONNREFUSED'])
})

/** What becomes of a dial: the code of its error, told apart when it was taken first. */
async function redial(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let taken = ''
  socket.on('connect', () => (taken = 'taken, then '))
  return await new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(taken + error.code))
    socket.on('end', () => resolve(`${taken}ended`))
  })
}

/** The descriptor of a process's listening socket, and the highest of its other sockets. */
function descriptors(pid: number, port: number): { listener: number; highest: number } {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const listening = '0A'
  const row = readFileSync('/proc/net/tcp', 'utf8').split('\n').map((line) => line.trim().split(/\s+/)).find((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === listening)
  const inode = `socket:[${row?.[9]}]`
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`)
      return target.startsWith('socket:') ? [{ descriptor: Number(descriptor), target }] : []
    } catch {
      return [] // Closed meanwhile.
    }
  })
  const listener = sockets.find(({ target }) => target === inode)?.descriptor ?? -1
  return { listener, highest: Math.max(...sockets.filter(({ target }) => target !== inode).map(({ descriptor }) => descriptor)) }
}
