/** Somebody else's FTP server, for tests: files by their paths, and a place to misbehave. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

export interface FtpStandin {
  readonly port: number
  /** Commands, as they came. */
  readonly asked: string[]
  close(): Promise<void>
}

export interface FtpBehaviour {
  readonly files: Readonly<Record<string, Buffer>>
  /** Commands it does not know, such as `EPSV` and `SIZE`. */
  readonly unknown?: readonly string[]
  /** Answers of its own, by command. */
  readonly answers?: Readonly<Record<string, string>>
  /** Closes the data connection after so many bytes. */
  readonly bytesMax?: number
  /** Where it says, in its answer to PASV, that the data is. */
  readonly host?: string
}

/** Start a server on a port of this machine. */
export async function ftpStandin(behaviour: FtpBehaviour): Promise<FtpStandin> {
  const asked: string[] = []
  const open = new Set<Socket>()
  const servers: Server[] = []

  async function listen(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => open.delete(socket))
      onConnection(socket)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  const port = await listen(async (control) => {
    let data: Promise<Socket> | undefined
    async function passive(): Promise<number> {
      let take: (socket: Socket) => void = () => {}
      data = new Promise((resolve) => {
        take = resolve
      })
      return listen((socket) => take(socket))
    }
    control.write('220-Hello\r\n220 ready\r\n')
    for await (const line of createInterface({ input: control })) {
      asked.push(line)
      const [command = '', argument = ''] = line.split(/ (.*)/s)
      control.write(await answer(command, argument, { behaviour, passive, data: () => data }))
    }
  })

  return {
    port,
    asked,
    async close() {
      for (const socket of open) socket.destroy()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

interface Doors {
  readonly behaviour: FtpBehaviour
  readonly passive: () => Promise<number>
  readonly data: () => Promise<Socket> | undefined
}

async function answer(command: string, path: string, { behaviour, passive, data }: Doors): Promise<string> {
  const {
    files,
    unknown = [],
    answers = {},
    bytesMax = Number.POSITIVE_INFINITY,
    host = '127.0.0.1',
  } = behaviour
  if (answers[command] !== undefined) return `${answers[command]}\r\n`
  if (unknown.includes(command)) return '502 not known\r\n'
  const file = files[path]
  switch (command) {
    case 'USER':
      return '331 and the password?\r\n'
    case 'PASS':
      return '230 welcome\r\n'
    case 'TYPE':
      return '200 binary\r\n'
    case 'SIZE':
      return file === undefined ? '550 no such file\r\n' : `213 ${file.length}\r\n`
    case 'EPSV':
      return `229 extended (|||${await passive()}|)\r\n`
    case 'PASV': {
      const port = await passive()
      return `227 passive (${host.replaceAll('.', ',')},${port >> 8},${port & 255})\r\n`
    }
    case 'RETR': {
      if (file === undefined) return '550 no such file\r\n'
      const socket = await data()
      socket?.end(file.subarray(0, bytesMax))
      return '150 here it comes\r\n226 done\r\n'
    }
    default:
      return '500 what?\r\n'
  }
}
