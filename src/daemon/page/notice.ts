/** Something that a reader should know, besides the queues. */
import type { DiagnosticJson } from '../../domain/change.js';
import { placeText } from '../../report/findings.js';
import type { Markup } from './markup.js';
import { markup, nameMarkup } from './markup.js';

/**
 * `act`: it stays as it is until a person does something. `know`: it may mend by itself, or harms nothing. The key
 * tells one notice from another while the page renews itself.
 */
export interface Notice {
  readonly key: string;
  readonly level: 'act' | 'know';
  readonly title: string;
  readonly body: Markup;
}

/** How many findings are shown; a broken commit can have thousands. */
const FINDINGS = 20;

/** Findings, each with its place, what it is, and what to do. */
export const findingsMarkup = (findings: readonly DiagnosticJson[]): Markup => {
  if (findings.length === 0) return markup``;
  const shown = findings.slice(0, FINDINGS);
  const more = findings.length - shown.length;
  return markup`<ul class="findings">
${shown.map(findingMarkup)}</ul>
${more > 0 ? markup`<p class="quiet">${more} more are not shown; <code>GET /api/status</code> has all.</p>` : null}`;
};

const findingMarkup = (finding: DiagnosticJson): Markup => {
  const place = placeText(finding);
  const { severity, code, message, remedy, queue } = finding;
  return markup`<li><p>${place === '' ? null : markup`<code class="place">${place}</code> `}${message}</p>
${remedy === null ? null : markup`<p>What to do: ${remedy}</p>`}
<p class="quiet">${severity}, <code>${code}</code>${queue === null ? null : markup`, queue ${nameMarkup(queue)}`}</p></li>
`;
};

/** Lines that a reader copies; one tap selects them all. */
export const commandMarkup = (lines: readonly string[]): Markup =>
  markup`<pre class="command"><code>${lines.map((line, index) => markup`${index > 0 ? markup`\n` : null}${indented(line)}`)}</code></pre>`;

/** Blanks at the beginning of a line are meant here; elsewhere they are spelt out. */
const indented = (line: string): Markup => {
  const [blanks = ''] = /^ */.exec(line) ?? [];
  return { kind: 'markup', html: `${blanks}${markup`${line.slice(blanks.length)}`.html}` };
};
