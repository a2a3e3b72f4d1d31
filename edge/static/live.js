// Keeps the moving part of a page up to date: the server renders it, this puts in place what differs.

const RETRY_MS = 5_000

const place = document.querySelector('[data-live]')
if (place) watch(place)

function watch(place) {
  const source = new EventSource(place.dataset.live)
  source.addEventListener('facts', ({ data }) => {
    settle(place, new DOMParser().parseFromString(data, 'text/html').body)
    tell(place)
    setLost(false)
  })
  source.addEventListener('end', () => {
    source.close()
    delete place.dataset.live
  })
  source.addEventListener('error', () => {
    setLost(true)
    // A browser tries again by itself only where the line broke, not where the answer was an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, RETRY_MS, place)
  })
}

/** Make the children of a node those of another, touching only what differs: focus, selection and motion stay. */
function settle(old, next) {
  const wanted = [...next.childNodes]
  wanted.forEach((node, at) => {
    const found = find(old, at, node)
    if (found === undefined) old.insertBefore(node, old.childNodes[at] ?? null)
    else if (found.nodeType !== Node.ELEMENT_NODE) {
      if (found.data !== node.data) found.data = node.data
    } else {
      setAttributes(found, node)
      settle(found, node)
    }
  })
  while (old.childNodes.length > wanted.length) old.lastChild.remove()
}

/** The child that stands for another one now: at its place, or moved there when it is known by its id. */
function find(old, at, wanted) {
  const there = old.childNodes[at]
  if (wanted.id && there?.id !== wanted.id) {
    const known = [...old.children].find(({ id }) => id === wanted.id)
    if (known) old.insertBefore(known, there ?? null)
    return known
  }
  const isSame = there?.nodeName === wanted.nodeName && (there.id ?? '') === (wanted.id ?? '')
  return isSame ? there : undefined
}

function setAttributes(old, next) {
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name)
  for (const { name, value } of next.attributes)
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
}

/** The title of the tab, and a word to those who hear the page, when the headline has changed. */
function tell(place) {
  const title = place.firstElementChild?.dataset.title
  if (!title || document.title === title) return
  document.title = title
  const status = document.querySelector('[role=status]')
  if (status) status.textContent = place.querySelector('h1')?.textContent ?? ''
}

function setLost(isLost) {
  const sign = document.querySelector('.lost')
  if (sign) sign.hidden = !isLost
}
