import type { SocketInfo } from '../common/socket.js';

/** A name that somebody wishes for a new socket. */
export interface WishedName {
  text: string;
  /** Whether the socket gets just this one, also where another has it: a text goes on using it. */
  isFixed: boolean;
}

/** A name as a socket keeps it: of what very many have in common there is one text. */
export interface SocketName {
  stem: string | null;
  /** Which of those that one listener has accepted, from 1 on; 0 of every other. */
  number: number;
}

/** What each is called for what it does; a new socket for connections does nothing yet. */
const usual: Readonly<Record<SocketInfo['role'], string | null>> = {
  new: null,
  listener: 'server',
  accepted: 'peer',
  client: 'client',
  datagram: 'datagram',
  pair: 'left',
  received: 'received',
  reader: 'reader',
  writer: 'writer',
};

/** The names of the open sockets. One that nobody has chosen is no other's: a number tells it from those alike. */
export class SocketNames {
  /** How many have each, without those of accepted sockets. */
  private readonly counts = new Map<string, number>();
  /** How many accepted ones are open with each stem, and the highest number: a listener may have ten thousand. */
  private readonly accepted = new Map<string, { open: number; last: number }>();
  /** The stem of what was accepted last: very many in a row have one listener. */
  private latest: { listener: string | null; stem: string } = { listener: null, stem: 'peer' };

  /** The name that is wished for something new, with a number where an open socket has it. */
  wished({ text, isFixed }: WishedName): SocketName {
    return this.chosen(isFixed ? text : this.free(text));
  }

  /** What something new is called for its role. */
  ofRole(role: SocketInfo['role']): SocketName {
    const stem = usual[role];
    return this.chosen(stem && this.free(stem));
  }

  /** What another descriptor of something open is called. */
  ofCopy(original: string | null): SocketName {
    return this.chosen(this.free(original === null ? 'copy' : `${original}_copy`));
  }

  /** What an accepted socket is called: after its listener. */
  ofAccepted(listener: string | null): SocketName {
    if (this.latest.listener !== listener) {
      this.latest = { listener, stem: listener === null ? 'peer' : `${listener}_peer` };
    }
    const { stem } = this.latest;
    const alike = this.accepted.get(stem) ?? { open: 0, last: 0 };
    alike.open += 1;
    alike.last += 1;
    this.accepted.set(stem, alike);
    return { stem, number: alike.last };
  }

  /** Just this name, whoever else has it. */
  chosen(stem: string | null): SocketName {
    if (stem !== null) {
      this.counts.set(stem, (this.counts.get(stem) ?? 0) + 1);
    }
    return { stem, number: 0 };
  }

  /** The socket is closed, or has another name. */
  release({ stem, number }: SocketName): void {
    if (stem === null) {
      return;
    }
    const alike = number === 0 ? undefined : this.accepted.get(stem);
    if (!alike) {
      const left = (this.counts.get(stem) ?? 0) - 1;
      if (left > 0) {
        this.counts.set(stem, left);
      } else {
        this.counts.delete(stem);
      }
    } else if (--alike.open === 0) {
      this.accepted.delete(stem);
    }
  }

  private free(stem: string): string {
    let name = stem;
    for (let number = 2; this.counts.has(name); number++) {
      name = `${stem}${number}`;
    }
    return name;
  }
}
