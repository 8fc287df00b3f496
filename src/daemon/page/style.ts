/**
 * `/page.css`. System fonts, two colour schemes, one column; marks differ in shape and not by colour alone. Every pair
 * of text and ground has a contrast of at least 4.5, and nothing moves.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff;
  --soft: #f4f5f6;
  --rule: #d5dae0;
  --text: #1a1e23;
  --quiet: #565e67;
  --link: #0b5394;
  --well: #1b6e3f;
  --look: #7d5300;
  --act: #b3261e;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a;
    --soft: #1e2226;
    --rule: #353b42;
    --text: #e7e9ec;
    --quiet: #a7afb8;
    --link: #8fbdf5;
    --well: #7fd0a0;
    --look: #e9bd66;
    --act: #ff9d94;
  }
}
*, *::before, *::after { box-sizing: border-box; }
/* The script keeps the place itself, in every browser alike. */
html { overflow-anchor: none; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto;
  max-width: 84rem;
  padding: 1rem clamp(1rem, 4vw, 3rem) 4rem;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere;
}
p, ul, dl, pre, h1, h2, h3, h4 { margin: 0; }
p + p, ul + p, pre + p, p + pre, p + ul { margin-top: .5rem; }
main, section { outline: none; }
section { margin-top: 3rem; }
h1 { font-size: clamp(1.625rem, 1.2rem + 2vw, 2.5rem); line-height: 1.2; font-weight: 650; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; padding-bottom: .5rem; border-bottom: 1px solid var(--rule); margin-bottom: 1rem; }
h3 { font-size: 1.125rem; line-height: 1.4; font-weight: 650; margin: 0 0 .25rem; }
h4 { font-size: 1rem; font-weight: 600; margin: 1rem 0 .25rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code { font-family: var(--mono); font-size: .875em; }
.quiet { color: var(--quiet); }
td .quiet, th .quiet, li .quiet { font-size: .875rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; margin: 0; }
.skip { position: absolute; left: -100vw; }
.skip:focus { position: static; display: inline-block; padding: .5rem 0; }

header { display: flex; flex-wrap: wrap; gap: .25rem 2rem; justify-content: space-between; align-items: baseline; }
header p + p { margin-top: 0; }
.place strong { font-weight: 650; margin-right: .5rem; }
.mode { border: 1px solid currentColor; border-radius: 3px; padding: 0 .4em; margin-left: .25rem; font-size: .875rem; }
.fresh { font-size: .875rem; font-variant-numeric: tabular-nums; }
button, input, select { font: inherit; color: inherit; }
button { background: var(--soft); border: 1px solid var(--quiet); border-radius: 4px; padding: .375rem 1rem; min-height: 2.75rem; cursor: pointer; }
#pause { min-height: 2rem; padding: 0 .75rem; margin-left: .5rem; font-size: .875rem; }

.silence { margin-top: 1.5rem; padding: .75rem 0 .75rem 1rem; border-left: 6px solid var(--act); font-weight: 600; }
.verdict { margin-top: 2rem; }
.verdict h1 { margin: .25rem 0 .75rem; max-width: 36em; }
.verdict p { max-width: 60em; }
h1 .clause { display: inline-block; }
.word { font-weight: 650; }
.word::before, .state::before {
  content: "";
  display: inline-block;
  width: .7em;
  height: .7em;
  margin-right: .5em;
  background: currentColor;
  forced-color-adjust: none;
}
.verdict-well .word, .state-in-sync { color: var(--well); }
.verdict-look .word, .state-drifting { color: var(--look); }
.verdict-act .word, .state-failing { color: var(--act); }
.verdict-starting .word, .state-held { color: var(--quiet); }
/* Nobody knows whether it is still so. */
.silence:not([hidden]) ~ .verdict .word { color: var(--quiet); }
.verdict-well .word::before, .state-in-sync::before { border-radius: 50%; }
.verdict-look .word::before, .state-drifting::before { clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%); }
.verdict-act .word::before, .state-failing::before { clip-path: polygon(50% 0, 100% 100%, 0 100%); }
.verdict-starting .word::before { border-radius: 50%; background: none; border: .18em solid currentColor; }
.state-held::before { clip-path: polygon(0 0, 35% 0, 35% 100%, 0 100%, 0 0, 65% 0, 100% 0, 100% 100%, 65% 100%, 65% 0); }
.state { font-weight: 600; white-space: nowrap; }

article { max-width: 60rem; padding: 0 0 1.5rem; }
article + article { border-top: 1px solid var(--rule); padding-top: 1.25rem; }
article:last-child { padding-bottom: 0; }
article ul { padding-left: 1.25rem; margin: .5rem 0; }
.findings { list-style: none; }
article .findings { padding-left: 0; }
.findings li + li { margin-top: .75rem; }
.findings p + p { margin-top: 0; }
.findings .place { font-weight: 600; }
.command { margin: .5rem 0; padding: .75rem 1rem; background: var(--soft); white-space: pre-wrap; }
.command code { user-select: all; -webkit-user-select: all; }

.counts { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
.counts a { display: inline-block; padding: .375rem 0; text-decoration: none; }
.counts a .state { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .25em; }
.counts a:hover .state, .counts a[aria-current] .state { text-decoration-thickness: 3px; }
form { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: end; margin: .75rem 0 1.5rem; }
form p, form p + p { margin: 0; }
form p:first-child { flex: 1 1 16rem; max-width: 28rem; }
label { display: block; font-size: .875rem; margin-bottom: .25rem; }
input, select { width: 100%; min-height: 2.75rem; padding: .375rem .75rem; background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; }
select { min-width: 9rem; }

table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding-bottom: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .625rem 1.25rem .625rem 0; border-bottom: 1px solid var(--rule); min-width: 6.75rem; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: .875rem; font-weight: 500; color: var(--quiet); padding-block: .375rem; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 13rem; max-width: 22rem; }
td.none { color: var(--quiet); font-size: .875rem; }
td code { white-space: nowrap; }
tbody th .quiet { display: block; font-weight: 400; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; padding: .625rem 0; font-weight: 600; }
details { margin-top: 1rem; }
h3 + .terms { margin-top: .5rem; }
.terms div, .facts div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 1.5rem; padding: .375rem 0; }
.facts div { border-bottom: 1px solid var(--rule); }
.terms { max-width: 60rem; }
dt { color: var(--quiet); }
.terms dt { color: inherit; font-weight: 600; }
dd { margin: 0; }

@media (max-width: 72rem) {
  table, tbody, tbody tr, tbody th, tbody td, caption { display: block; }
  /* Not seen, and still there for who hears the table: cells keep their columns. */
  thead, tbody td.none { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { padding: .75rem 0; border-bottom: 1px solid var(--rule); }
  caption { border-bottom: 1px solid var(--rule); }
  tbody th, tbody td { border: 0; padding: .125rem 0; min-width: 0; max-width: none; }
  tbody td { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0 1rem; }
  tbody td::before { content: attr(data-label); content: attr(data-label) / ""; color: var(--quiet); }
  td code { white-space: normal; }
}
@media (max-width: 40rem) {
  section { margin-top: 2.25rem; }
  .verdict { margin-top: 1.25rem; }
  .terms div, .facts div { grid-template-columns: minmax(0, 1fr); }
  form p:first-child { max-width: none; flex-basis: 100%; }
}
@media print {
  :root { --ground: #fff; --soft: #fff; --rule: #999; --text: #000; --quiet: #333; --link: #000; --well: #000; --look: #000; --act: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  form, .skip, button, .silence { display: none; }
  section, tr, article { break-inside: avoid-page; }
  section { margin-top: 1.5rem; }
  td time::after { content: " (" attr(title) ")"; }
  .command { border: 1px solid var(--rule); }
}
`;
