/** A line to a server that can be cut, or go silent, and be whole again: what an outage looks like from outside. */
import { connect, createServer, type Socket } from 'node:net'

export interface Line {
  readonly port: number
  /** Every connection breaks, and none can be made. */
  cut(): Promise<void>
  /** Nothing more is passed on, and nothing breaks. */
  silence(): void
  /** As before. */
  mend(): Promise<void>
  close(): Promise<void>
}

/** Start a line to a port of this computer. */
export async function startLine(to: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let isSilent = false
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => into.write(bytes))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        into.destroy()
      })
      if (isSilent) from.pause()
    }
  })
  const listen = (port: number) => new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  await listen(0)
  const { port } = server.address() as { port: number }

  async function cut(): Promise<void> {
    const closed = new Promise((done) => server.close(done))
    for (const socket of sockets) socket.destroy()
    await closed
  }

  return {
    port,
    cut,
    silence() {
      isSilent = true
      for (const socket of sockets) socket.pause()
    },
    async mend() {
      isSilent = false
      for (const socket of sockets) socket.resume()
      if (!server.listening) await listen(port)
    },
    async close() {
      if (server.listening) await cut()
    },
  }
}
