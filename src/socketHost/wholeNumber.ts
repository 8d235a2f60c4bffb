/** Whether a value is a whole number between two bounds. */
export function isWholeNumber(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/** Whether a value is what an `int` or an `unsigned int` of C holds. */
export function isInt(value: unknown): value is number {
  return isWholeNumber(value, -0x80000000, 0xffffffff);
}
