/** Strangers' addresses, redirects and names that change their mind: a canary on loopback is never called. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:net'
import { download } from '../../worker/download/download.ts'
import { given, problemOf, type Standin, standin } from '../../worker/download/web_standin.ts'
import { inTemp } from '../../worker/system/temp.ts'
import { FORBIDDEN } from './addresses.ts'

/** Any connection at all counts, whatever it says. */
let canary: Server
let port = 0
let calls = 0

/** A server of the world, as far as the fence knows. */
let world: Standin
let location = ''

beforeAll(async () => {
  canary = createServer((socket) => {
    calls += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => canary.listen(0, '::', resolve))
  const address = canary.address()
  port = typeof address === 'object' ? (address?.port ?? 0) : 0
  world = await standin((_asked, response) => void response.writeHead(302, { location }).end())
})
afterEach(() => {
  expect(calls).toBe(0)
})
afterAll(async () => {
  canary.close()
  await world.close()
})

const placed = (address: string) => address.replaceAll('PORT', String(port))

function fetched(protocol: string, url: string): Promise<string> {
  return inTemp('hostile', (folder) => {
    const allowHosts = [new URL(world.url).host]
    return problemOf(download(protocol, url, given(folder, { allowPrivate: false, allowHosts })))
  })
}

describe('a source', () => {
  for (const address of FORBIDDEN) {
    test(`may not name ${address}`, async () => {
      expect(await fetched('http', placed(address))).toBe('download-forbidden-address')
    })
  }

  const services = FORBIDDEN.filter((address) => /^https?:\/\/[^@]*PORT\/$/.test(address))
  for (const address of services) {
    test(`may not name the ESRI service ${address}arcgis`, async () => {
      const url = `${placed(address)}arcgis/rest/services/a/FeatureServer/0`
      expect(await fetched('ESRI', url)).toBe('download-forbidden-address')
    })
  }
})

describe('a redirect', () => {
  // A header carries no other letters.
  const plain = FORBIDDEN.filter((one) => /^(?:http|ftp|file|data|gopher)[ -~]*$/i.test(one))
  for (const address of plain) {
    test(`may not lead to ${address}`, async () => {
      location = placed(address)
      expect(await fetched('http', `${world.url}/data.csv`)).toMatch(/^download-/)
    })
  }
})
