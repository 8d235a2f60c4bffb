import type { ConstantGroup } from '../constants.js';
import type { OptionLayout } from '../optionLayouts.js';

/** What an option's number counts. */
export type OptionUnit =
  | 'bytes'
  | 's'
  | 'ms'
  | 'µs'
  | 'hops'
  | 'segments'
  | 'probes'
  | 'bytes/s'
  | 'packets'
  | 'requests';

/** What a process must have to set an option; some are needed only for certain values. */
export type Capability = 'CAP_NET_ADMIN' | 'CAP_NET_RAW' | 'CAP_NET_BROADCAST';

/** One option of `getsockopt(2)` and `setsockopt(2)`. */
export interface SocketOption {
  /** The level's name. */
  level: string;
  /** The option's name. */
  name: string;
  layout: OptionLayout;
  canGet: boolean;
  canSet: boolean;
  unit?: OptionUnit;
  /** The names of its numbers: a group of the constants; `errno` are the errors. */
  names?: ConstantGroup | 'errno';
  /** The number is several flags. */
  isFlags?: boolean;
  /** Without it setting the option, or some values of it, is EPERM. */
  needs?: Capability;
  /** Reading it changes something (takes the error away, opens a descriptor) or needs something to be passed in. */
  onlyWhenAsked?: boolean;
  /** One localised sentence. */
  readonly description: string;
  /** What the kernel makes of the value that is set, where that is not the value itself; localised. */
  readonly effect: string | null;
}

/** Whether `getsockopt(2)` and `setsockopt(2)` know it; `none` has a number and no more. */
type Access = 'get' | 'set' | 'both' | 'none';

type Extra = Partial<Pick<SocketOption, 'unit' | 'names' | 'isFlags' | 'needs' | 'onlyWhenAsked'>> & {
  effect?: () => string;
};

/** One option. The sentences are functions: the language is set after the module was loaded. */
export type MakeRow = (
  name: string,
  layout: OptionLayout,
  access: Access,
  describe: () => string,
  extra?: Extra,
) => SocketOption;

/** Makes the rows of one level. */
export function rowsOf(level: string): MakeRow {
  return (name, layout, access, describe, { effect, ...extra } = {}) => ({
    level,
    name,
    layout,
    canGet: access === 'get' || access === 'both',
    canSet: access === 'set' || access === 'both',
    ...extra,
    get description() {
      return describe();
    },
    get effect() {
      return effect?.() ?? null;
    },
  });
}
