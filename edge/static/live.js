// Keeps the moving part of a page up to date: the server renders it, this puts it in place.
const place = document.querySelector('[data-live]')

if (place) {
  const source = new EventSource(place.dataset.live)
  source.addEventListener('job', (event) => {
    place.innerHTML = event.data
  })
  source.addEventListener('end', () => source.close())
}
