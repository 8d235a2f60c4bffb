import { signal } from '@preact/signals';
import { type TemplateValues, templateValues } from '../../common/payloadTemplate.js';

/** Bytes that the browser gives at a time, at most. */
const pageOfRandom = 65_536;

/**
 * What the variables of a payload stand for in the call that the form shows. Drawn once, so that the call that is
 * made is the one that the preview says.
 */
class Draw {
  private bytes: Uint8Array = new Uint8Array(0);

  constructor(
    readonly counter: number,
    /** In ms since 1970, whole seconds. */
    readonly time: number,
  ) {}

  /** For one reading of the form: each gets the same. */
  values(): TemplateValues {
    let used = 0;
    return templateValues(this.counter, this.time, (room) => {
      this.fillUpTo(used + room.length);
      room.set(this.bytes.subarray(used, used + room.length));
      used += room.length;
      return room;
    });
  }

  /** The same at another time. */
  at(time: number): Draw {
    const draw = new Draw(this.counter, time);
    draw.bytes = this.bytes;
    return draw;
  }

  private fillUpTo(length: number): void {
    while (this.bytes.length < length) {
      const more = new Uint8Array(this.bytes.length + pageOfRandom);
      more.set(this.bytes);
      crypto.getRandomValues(more.subarray(this.bytes.length));
      this.bytes = more;
    }
  }
}

/** The draw of the call that is shown, and of those after it. */
export class CurrentDraw {
  private readonly shown = signal(new Draw(1, thisSecond()));

  get value(): Draw {
    return this.shown.value;
  }

  /** Draws what the variables of the next call stand for, after so many calls with others. */
  again(calls: number): void {
    this.shown.value = new Draw(this.shown.peek().counter + calls, thisSecond());
  }

  /** Of the calls that were counted up to `to` the last ones are not made: the next one is `from`, unless others came since. */
  takeBack(to: number, from: number): void {
    if (this.shown.peek().counter === to) {
      this.again(from - to);
    }
  }

  /** Time goes on: what is shown is what would be sent now. */
  followTime(): void {
    const now = thisSecond();
    if (this.shown.peek().time !== now) {
      this.shown.value = this.shown.peek().at(now);
    }
  }

  /** Counts from 1 again. */
  resetCounter(): void {
    this.shown.value = new Draw(1, thisSecond());
  }
}

/** Now, to the second. */
function thisSecond(): number {
  return Math.floor(Date.now() / 1000) * 1000;
}
