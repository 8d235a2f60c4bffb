/** A larger file the command line does not read. */
export const mostInputMiB = 16;
