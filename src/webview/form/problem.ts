/** What is wrong with a field, and where in its text. */
export interface Problem {
  message: string;
  /** Offset in UTF-16 units; null when it is the field as a whole. */
  offset: number | null;
  /** Nothing is entered yet: told only when the user tries. */
  isMissing?: boolean;
}

/** A field of the form: a parameter by its index, or a part of one (`1.port`, `1.control.0.data`). */
export type FieldKey = number | `${number}.${string}`;

export type Problems = Map<FieldKey, Problem>;
