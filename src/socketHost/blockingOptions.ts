/** What the user set and blocking calls obey, which a non-blocking descriptor does not. */
export interface BlockingOptions {
  /** SO_RCVTIMEO and SO_SNDTIMEO in ms; null is for ever, 0 at once. */
  receiveTimeoutMs: number | null;
  sendTimeoutMs: number | null;
  /** `close(2)` may wait, by the SO_LINGER that was set last or may have been inherited. */
  mayLinger: boolean;
  /** It could once, which connections may have inherited. */
  hasLingered: boolean;
  receiveLowWater: number;
  /** SO_PASSCRED. */
  passesCredentials: boolean;
  /** What it sends may get time stamps: SO_TIMESTAMPING has been set, which connections inherit. */
  mayStamp: boolean;
  /** The receive buffer that SO_RCVBUF made; null when the kernel adjusts it. */
  receiveBuffer: number | null;
}

/** What a socket has on which the user has set nothing. */
export const defaultOptions: Readonly<BlockingOptions> = {
  receiveTimeoutMs: null,
  sendTimeoutMs: null,
  mayLinger: false,
  hasLingered: false,
  receiveLowWater: 1,
  passesCredentials: false,
  mayStamp: false,
  receiveBuffer: null,
};

/** What a connection has of its listener. */
export function inheritedOptions(options: Readonly<BlockingOptions>): Readonly<BlockingOptions> {
  const { mayLinger, hasLingered } = options;
  return mayLinger === hasLingered ? options : { ...options, mayLinger: hasLingered };
}
