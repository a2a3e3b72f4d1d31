/** The table of rules: every way in which rows can look right and be wrong. A new one is a file and a line. */
import { control_characters } from './control_characters.ts'
import { decimal_ending } from './decimal_ending.ts'
import { duplicates } from './duplicates.ts'
import { empty_column } from './empty_column.ts'
import { mojibake } from './mojibake.ts'
import { no_geometry } from './no_geometry.ts'
import { no_number } from './no_number.ts'
import { no_number_and_street } from './no_number_and_street.ts'
import { no_street } from './no_street.ts'
import { null_island } from './null_island.ts'
import { null_words } from './null_words.ts'
import { number_zero } from './number_zero.ts'
import { off_globe } from './off_globe.ts'
import { outside_coverage } from './outside_coverage.ts'
import { question_marks } from './question_marks.ts'
import { repeated_value } from './repeated_value.ts'
import { replacement_characters } from './replacement_characters.ts'
import type { Rule } from './rule.ts'
import { street_is_number } from './street_is_number.ts'
import { swapped_axes } from './swapped_axes.ts'
import { wrong_srs } from './wrong_srs.ts'

/** Every rule, in the order in which they are explained. */
export const RULES: readonly Rule[] = [
  no_geometry,
  off_globe,
  null_island,
  outside_coverage,
  swapped_axes,
  wrong_srs,
  empty_column,
  no_number,
  no_street,
  no_number_and_street,
  number_zero,
  street_is_number,
  decimal_ending,
  null_words,
  mojibake,
  replacement_characters,
  question_marks,
  control_characters,
  duplicates,
  repeated_value,
]
