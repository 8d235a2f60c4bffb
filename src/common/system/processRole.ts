import type { ProcessRole } from './systemSocket.js';

interface RoleRow {
  role: ProcessRole;
  /** Looked for in the whole command line. */
  pattern: RegExp;
}

/** What the command lines of VS Code's processes say of themselves, on the desktop and on a server. */
const rows: readonly RoleRow[] = [
  { role: 'extensionHost', pattern: /--type=extensionHost\b/ },
  { role: 'terminals', pattern: /--type=ptyHost\b/ },
  { role: 'forwarding', pattern: /\btunnel forward\b|--type=(tunnel|portForward)|tunnel-forwarding/i },
  { role: 'server', pattern: /\/server-main\.js\b|\bcode-server\b|\.vscode(-\w+)*-server\// },
  { role: 'editor', pattern: /--type=fileWatcher\b|\/Code Helper|\/(code|code-insiders|codium)( |$)/ },
];

/**
 * What a process is to VS Code, as its command line says; null for a stranger. A command line is no proof, but
 * who makes one like VS Code's asks to be taken for it.
 */
export function roleOf(commandLine: readonly string[] | null): ProcessRole | null {
  const text = commandLine?.join(' ') ?? '';
  return rows.find(({ pattern }) => pattern.test(text))?.role ?? null;
}
