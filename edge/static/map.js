/** The dot map: MapLibre over one PMTiles, with the land under it. Everything comes from the address of this page. */
import {
  AttributionControl,
  addProtocol,
  Map as View,
  NavigationControl,
  Popup,
  ScaleControl,
} from '/static/maplibre-gl.mjs'

const LAYER = 'openaddresses'
const NEAR_ZOOM = 15

const place = document.getElementById('map')
const says = document.getElementById('map-says')
const colours = getComputedStyle(document.documentElement)
const colour = (name) => colours.getPropertyValue(name).trim()

addProtocol('pmtiles', new globalThis.pmtiles.Protocol().tile)

/** Dots grow as one comes nearer. */
const radius = ['interpolate', ['linear'], ['zoom'], 0, 1.2, 8, 1.5, 12, 1.8, 14, 2.6, 16, 4, 19, 8]

const style = {
  version: 8,
  sources: {
    land: { type: 'geojson', data: new URL('/static/land.json', location.href).href },
    dots: { type: 'vector', url: `pmtiles://${new URL(place.dataset.tiles, location.href).href}` },
  },
  layers: [
    { id: 'sea', type: 'background', paint: { 'background-color': colour('--paper') } },
    {
      id: 'land',
      type: 'fill',
      source: 'land',
      paint: { 'fill-color': colour('--waiting'), 'fill-opacity': 0.45 },
    },
    {
      id: 'dots',
      type: 'circle',
      source: 'dots',
      'source-layer': LAYER,
      paint: { 'circle-radius': radius, 'circle-color': colour('--accent'), 'circle-opacity': 0.85 },
    },
  ],
}

const [west, south, east, north] = place.dataset.bounds.split(',').map(Number)

try {
  const inside = document.createElement('div')
  inside.style.height = '100%'
  place.append(inside)
  const view = new View({
    container: inside,
    style,
    bounds: [west, south, east, north],
    fitBoundsOptions: { padding: 24, maxZoom: 14 },
    hash: true,
    maxZoom: 20,
    dragRotate: false,
    attributionControl: false,
  })
  view.touchZoomRotate.disableRotation()
  view.addControl(new NavigationControl({ showCompass: false }))
  view.addControl(new ScaleControl())
  view.addControl(new AttributionControl({ customAttribution: 'OpenAddresses · land: Natural Earth' }))
  says.hidden = true
  view.on('error', ({ error }) => {
    says.textContent = `The map could not be read: ${error?.message ?? error}`
    says.hidden = false
  })
  // A test waits for it.
  view.once('idle', () => place.setAttribute('data-drawn', ''))
  view.on('click', 'dots', (event) => {
    if (view.getZoom() < NEAR_ZOOM - 1) return
    const { NUMBER = '', STREET = '', UNIT = '' } = event.features[0].properties
    const words = [NUMBER, STREET, UNIT].filter(Boolean).join(' ')
    if (words !== '') new Popup().setLngLat(event.lngLat).setText(words).addTo(view)
  })
  view.on('mouseenter', 'dots', () => {
    view.getCanvas().style.cursor = view.getZoom() < NEAR_ZOOM - 1 ? '' : 'pointer'
  })
  view.on('mouseleave', 'dots', () => {
    view.getCanvas().style.cursor = ''
  })
} catch (error) {
  says.textContent = `The map cannot be drawn here: ${error.message}`
  says.hidden = false
}
