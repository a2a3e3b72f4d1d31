/**
 * Codes of ISO 3166-2 that sources use and the outlines do not know: newer ones, regions made of provinces, and overseas
 * parts that are countries of their own in the other half of the standard.
 *
 * Source: the catalogue of 2026 against Natural Earth 5.1; ISO's newsletters for Norway (2020, 2024).
 */

/** Codes of the outlines that make up each; two letters are a country. */
export const SUBDIVISION_CODES: Readonly<Record<string, readonly string[]>> = {
  'BE-VLG': ['BE-VAN', 'BE-VBR', 'BE-VLI', 'BE-VOV', 'BE-VWV'],
  'BE-WAL': ['BE-WBR', 'BE-WHT', 'BE-WLG', 'BE-WLX', 'BE-WNA'],
  'ES-NC': ['ES-NA'],
  'FI-01': ['AX'],
  'FR-971': ['FR-GP'],
  'FR-972': ['FR-MQ'],
  'FR-973': ['FR-GF'],
  'FR-974': ['FR-RE'],
  'FR-976': ['FR-YT'],
  'FR-BL': ['BL'],
  'FR-MF': ['MF'],
  'FR-NC': ['NC'],
  'FR-PF': ['PF'],
  'FR-PM': ['PM'],
  'MX-CMX': ['MX-DIF'],
  'NO-30': ['NO-01', 'NO-02', 'NO-06'],
  'NO-31': ['NO-01'],
  'NO-32': ['NO-02'],
  'NO-33': ['NO-06'],
  'NO-34': ['NO-04', 'NO-05'],
  'NO-38': ['NO-07', 'NO-08'],
  'NO-39': ['NO-07'],
  'NO-40': ['NO-08'],
  'NO-42': ['NO-09', 'NO-10'],
  'NO-46': ['NO-12', 'NO-14'],
  'NO-50': ['NO-16', 'NO-17'],
  'NO-54': ['NO-19', 'NO-20'],
  'NO-55': ['NO-19'],
  'NO-56': ['NO-20'],
  'TW-CYI': ['TW-CYQ'],
  'TW-NWT': ['TW-TPQ'],
}
