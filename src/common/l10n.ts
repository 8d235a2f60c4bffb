import { particleFor, particlePattern } from './koreanParticles.js';

/** Values for the placeholders `{0}`, `{1}` of a message. */
export type MessageArgument = string | number;

/** A placeholder, what may close it in the sentence (‘{0}’), and the particle behind. */
const placeholders = new RegExp(`\\{(\\d+)\\}(?:(["'\`’”)\\]]*)(${particlePattern}))?`, 'g');

let bundle: Readonly<Record<string, string>> = {};

/** Sets the translations: English message to translated message. The extension and the page get VS Code's bundle, the command line follows LANG. */
export function setMessages(messages: Readonly<Record<string, string>>): void {
  bundle = messages;
}

/** The current translations, to hand on to another process. */
export function getMessages(): Readonly<Record<string, string>> {
  return bundle;
}

/** The message in the user's language, whole sentences with placeholders `{0}`, `{1}`. The English text is the key. */
export function t(message: string, ...args: MessageArgument[]): string {
  const text = bundle[message] ?? message;
  return text.replace(placeholders, (placeholder, index: string, closer: string = '', particle?: string) => {
    const value = args[Number(index)];
    if (value === undefined) {
      return placeholder;
    }
    return `${value}${closer}${particle === undefined ? '' : particleFor(String(value), particle)}`;
  });
}
