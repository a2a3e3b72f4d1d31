/** Who we say we are, to every server and with every request: some answer 401 or 403 to anything nameless. */
import manifest from '../../package.json' with { type: 'json' }

/** A maintainer who finds this in a log can find out what it is and whom to write to. */
export const USER_AGENT = `openaddresses-machine/${manifest.version} (+https://github.com/openaddresses/openaddresses)`
