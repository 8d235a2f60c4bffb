import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { menuWords } from '../../src/common/menuWords.js';
import { socket } from '../support/sockets.js';

interface Entry {
  command?: string;
  submenu?: string;
  when: string;
  group: string;
}

const { menus } = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    contributes: { menus: Record<string, Entry[]> };
  }
).contributes;

const inTree = 'view == socketPlayground.openSockets && ';
const inPage = "webviewId == 'socketPlayground.panel' && webviewSection == 'socket' && ";

/** What a group of the tree has, too, so that a selection with one has it. */
const asPartOfSelection = /^\((.*) \|\| words =~ \/\^group\/ && listMultiSelection\)$/;

/** The entries of a socket, each with the words that it looks for. */
function entries(menu: string, place: string, words: string): string[] {
  return menus[menu]!.filter(({ when, group }) => when.startsWith(place) && !group.startsWith('inline')).map(
    ({ command, submenu, when, group }) =>
      `${group} ${command ?? submenu} ${when.slice(place.length).replaceAll(words, 'words').replace(' && !listMultiSelection', '').replace(asPartOfSelection, '$1')}`,
  );
}

describe('the manifest', () => {
  it('names each menu once: of two with one name, the first would be lost', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const names = [...text.matchAll(/^ {6}"([\w/.-]+)": \[/gm)].map(([, name]) => name!);
    expect(names).toEqual(expect.arrayContaining(Object.keys(menus)));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('offers in an editor to send the selection, and to run a scenario to the line', () => {
    expect(menus['editor/context']!.map(({ command }) => command)).toEqual([
      'socketPlayground.sendSelection',
      'socketPlayground.runScenarioToLine',
      'socketPlayground.debugScenarioToLine',
      'socketPlayground.exportCode',
    ]);
  });
});

it('the menus of a view and of the panel have what a newcomer looks for there', () => {
  const of = (menu: string) => menus[menu]!.map(({ command, group, when }) => `${group} ${command} ${when}`);
  expect(of('view/title')).toContainEqual(
    expect.stringMatching(/^9_help@1 socketPlayground\.openWalkthrough .*openSockets/),
  );
  expect(of('editor/title')).toContainEqual(expect.stringMatching(/^8_out@0 socketPlayground\.export /));
  expect(of('editor/title')).toContainEqual(expect.stringMatching(/^9_help@1 socketPlayground\.showKeys /));
});

describe('the menu of a socket', () => {
  it('is the same in the tree and in the page', () => {
    const reveal = /revealInSocketsView/;
    const ofPage = entries('webview/context', inPage, 'socketWords').filter((entry) => !reveal.test(entry));
    expect(ofPage).toEqual(entries('view/item/context', inTree, 'viewItem'));
  });

  it('looks for what its state expects', () => {
    const bound = socket({ type: 'SOCK_DGRAM', role: 'datagram', state: 'bound' });
    const words = menuWords(bound).split(' ');
    expect(words).toEqual(expect.arrayContaining(['socket', 'sendto', 'recvfrom', 'automatable']));
    for (const word of ['listen', 'accept', 'bind', 'unix', 'listening', 'automatic', 'waiting']) {
      expect(words).not.toContain(word);
    }
    expect(menuWords(socket({ state: 'closed' }))).toBe('ended');
  });
});
