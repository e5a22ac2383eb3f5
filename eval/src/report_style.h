#pragma once

namespace labelbeam::eval {

/// The style sheet of an HTML report.
inline constexpr const char* kReportStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b2027; --quiet: #56606b; --rule: #d8dde3; --grid: #e6e9ed; --band: #f7f8fa;
  --head: #f1f3f6; --win: #fdf0c4; --warn: #7d4300; --warn-back: #fff4e5; --link: #1f52a5;
  --c0: #2f62b3; --c1: #b8560c; --c2: #23784a; --c3: #84408f; --c4: #6a6a12; --c5: #5f6975;
  --soft1: #f6cfae; --soft2: #b9e0c9; --soft3: #e3c8e8; --soft4: #dedea8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --text: #e4e8ed; --quiet: #a1abb6; --rule: #39424c; --grid: #2a3138; --band: #191e24;
    --head: #1f262d; --win: #47390c; --warn: #ffc27a; --warn-back: #33260f; --link: #8fb4f5;
    --c0: #7fa8ee; --c1: #f0a060; --c2: #6cc795; --c3: #d49ade; --c4: #cfcf6a; --c5: #a3acb7;
    --soft1: #5b3a1f; --soft2: #214a35; --soft3: #4d2d54; --soft4: #46461a;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 12px; }
body { background: var(--page); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
       margin: 0 auto; max-width: 1240px; padding: 28px 20px 80px; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav { font-size: .9em; }
nav ul { display: flex; flex-wrap: wrap; gap: 2px 16px; list-style: none; margin: 0 0 20px; padding: 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
main { min-width: 0; }
@media screen and (min-width: 1180px) {
  body { display: grid; gap: 0 40px; grid-template-columns: 170px minmax(0, 1fr); max-width: 1440px; }
  nav { align-self: start; border-right: 1px solid var(--rule); padding-top: 8px; position: sticky; top: 24px; }
  nav ul { display: block; }
  nav li { padding: 4px 0; }
}
h1 { font-size: 1.9em; letter-spacing: -.01em; line-height: 1.2; margin: 0 0 .5em; overflow-wrap: anywhere; }
h2 { border-top: 1px solid var(--rule); font-size: 1.3em; line-height: 1.3; margin: 2.2em 0 .7em; padding-top: .8em; }
h3 { font-size: 1em; margin: 0 0 6px; overflow-wrap: anywhere; }
h4 { font-size: .95em; margin: 0 0 4px; }
p { margin: .5em 0; max-width: 78ch; overflow-wrap: anywhere; }
.quiet, .how, figcaption, dt { color: var(--quiet); }
.quiet { font-size: .92em; }
.quiet ul { margin: .3em 0; padding-left: 1.3em; overflow-wrap: anywhere; }
.how { font-size: .85em; font-weight: 400; }
.warning { font-size: .92em; background: var(--warn-back); border-left: 4px solid; color: var(--warn); margin: 4px 0; padding: 5px 12px; }
.facts { display: flex; flex-wrap: wrap; gap: 10px 36px; margin: 14px 0; }
.facts dt { font-size: .8em; letter-spacing: .05em; text-transform: uppercase; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.systems { margin: 14px 0; max-width: 78ch; padding-left: 1.2em; }
.scroll { overflow: auto; }
.scroll.tall { max-height: 85vh; }
table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--rule); line-height: 1.4; padding: 5px 14px 5px 8px; text-align: left; vertical-align: top;
         white-space: nowrap; }
thead th { background: var(--head); border-bottom: 2px solid var(--rule); font-weight: 600; position: sticky; top: 0; vertical-align: bottom;
           z-index: 1; }
tbody th { background: var(--page); font-weight: 600; left: 0; position: sticky; }
thead th:first-child { left: 0; z-index: 2; }
td.number, th.number { text-align: right; }
td.win { background: var(--win); font-weight: 700; }
td.best { font-weight: 700; }
td .interval { color: var(--quiet); font-size: .88em; font-weight: 400; }
td .how, tbody th .how { display: block; }
.mark { display: inline-block; text-align: left; width: 1ch; }
.headline { font-size: .93em; }
.headline th, .headline td { padding-right: 10px; }
p.quiet + .scroll { margin-top: 18px; }
.tables { align-items: flex-start; display: flex; flex-wrap: wrap; gap: 12px 48px; margin: 12px 0; }
.tables .scroll { max-width: 100%; }
.all-results { font-size: .82em; }
.all-results th, .all-results td { padding: 4px 6px; }
.strategies { font-size: .9em; }
.strategies th, .strategies td { padding: 4px 10px 4px 8px; }
.strategies :is(th, td):is(:nth-child(3), :nth-child(6), :nth-child(9), :nth-child(10), :nth-child(12)) { border-left: 1px solid var(--rule); }
th button { background: none; border: 0; color: inherit; cursor: pointer; font: inherit; padding: 0; text-align: inherit; }
th button:hover { text-decoration: underline; }
th[aria-sort=descending] button::after { content: " \25BE"; }
th[aria-sort=ascending] button::after { content: " \25B4"; }
figure { margin: 12px 0 20px; min-width: 0; }
figcaption { font-size: .88em; line-height: 1.45; margin-top: 8px; max-width: 78ch; }
svg.chart { display: block; height: auto; max-width: 100%; min-width: 560px; }
svg.square { min-width: 0; }
svg.defs { position: absolute; }
svg text { fill: var(--text); font-family: inherit; font-size: 12px; }
svg text.tick, svg text.value, svg text.axis { fill: var(--quiet); font-size: 11px; }
svg text.value { font-size: 10px; }
.grid { stroke: var(--grid); }
.band { fill: var(--band); }
.diagonal { stroke: var(--quiet); stroke-dasharray: 2 4; }
.fill-0 { fill: var(--c0); }
.fill-1 { fill: url(#pattern-1); stroke: var(--c1); }
.fill-2 { fill: url(#pattern-2); stroke: var(--c2); }
.fill-3 { fill: url(#pattern-3); stroke: var(--c3); }
.fill-4 { fill: url(#pattern-4); stroke: var(--c4); }
.fill-5 { fill: none; stroke: var(--c5); stroke-width: 1.5; }
.soft-1 { fill: var(--soft1); } .hard-1 { fill: var(--c1); }
.soft-2 { fill: var(--soft2); } .hard-2 { fill: var(--c2); }
.soft-3 { fill: var(--soft3); } .hard-3 { fill: var(--c3); }
.soft-4 { fill: var(--soft4); } .hard-4 { fill: var(--c4); }
polyline { fill: none; stroke-width: 2; }
[class^=whisker] { fill: none; stroke-width: 1.5; }
.line-0, .whisker-0 { stroke: var(--c0); } .mark-0 { fill: var(--c0); }
.line-1, .whisker-1 { stroke: var(--c1); } .mark-1 { fill: var(--c1); } .line-1 { stroke-dasharray: 8 3; }
.line-2, .whisker-2 { stroke: var(--c2); } .mark-2 { fill: var(--c2); } .line-2 { stroke-dasharray: 2 3; }
.line-3, .whisker-3 { stroke: var(--c3); } .mark-3 { fill: var(--c3); } .line-3 { stroke-dasharray: 9 3 2 3; }
.line-4, .whisker-4 { stroke: var(--c4); } .mark-4 { fill: var(--c4); } .line-4 { stroke-dasharray: 14 4; }
.line-5, .whisker-5 { stroke: var(--c5); } .mark-5 { fill: var(--c5); } .line-5 { stroke-dasharray: 4 4; }
[class^=mark-] { stroke: var(--page); stroke-width: 1; }
.legend { display: flex; flex-wrap: wrap; font-size: .92em; gap: 4px 22px; list-style: none; margin: 0 0 10px; padding: 0; }
.legend svg { vertical-align: -2px; }
.squares { display: grid; gap: 8px 32px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); max-width: 980px; }
.squares figure { display: flex; flex-direction: column; justify-content: flex-end; max-width: 460px; }
.example { border: 1px solid var(--rule); border-radius: 8px; margin: 0 0 16px; padding: 12px 16px; }
.example blockquote { border-left: 3px solid var(--rule); margin: 0 0 8px; max-width: 90ch; overflow-wrap: anywhere; padding-left: 12px;
                      white-space: pre-line; }
.truth { max-width: none; }
.answers { display: grid; gap: 10px 28px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); }
.answer { border-top: 1px solid var(--rule); min-width: 0; padding-top: 8px; }
.label { border: 1px solid var(--quiet); border-radius: 4px; display: inline-block; margin: 0 4px 3px 0; max-width: 100%;
         overflow-wrap: anywhere; padding: 0 7px; }
.label.wrong { border-style: dashed; }
.label.missed { border-color: transparent; color: var(--quiet); font-style: italic; }
.hit { font-size: .85em; white-space: nowrap; }
.sets { font-size: .88em; list-style: none; margin: 8px 0 0; padding: 0; }
.sets li { align-items: baseline; display: grid; gap: 8px; grid-template-columns: 5ch 60px minmax(0, 1fr); }
.probability { font-variant-numeric: tabular-nums; }
.bar { border: 1px solid var(--rule); display: block; height: 9px; }
.bar span { background: var(--quiet); display: block; height: 100%; }
pre { background: var(--head); font-size: .85em; line-height: 1.45; overflow-wrap: anywhere; padding: 12px; white-space: pre-wrap; }
summary { cursor: pointer; margin: 6px 0; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --text: #000000; --quiet: #444444; --rule: #999999; --grid: #dddddd; --band: #ffffff;
    --head: #eeeeee; --win: #ffffff; --warn: #000000; --warn-back: #ffffff; --link: #000000;
    --c0: #2f62b3; --c1: #b8560c; --c2: #23784a; --c3: #84408f; --c4: #6a6a12; --c5: #5f6975;
    --soft1: #f6cfae; --soft2: #b9e0c9; --soft3: #e3c8e8; --soft4: #dedea8;
  }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { font-size: 10px; max-width: none; padding: 0; }
  nav { display: none; }
  h2 { break-after: avoid; margin-top: 1.4em; }
  section, tr, figure, .example { break-inside: avoid; }
  section.long, #labels figure { break-inside: auto; }
  .scroll, .scroll.tall { max-height: none; overflow: visible; }
  thead th, tbody th { position: static; }
  svg.chart { max-height: 165mm; min-width: 0; }
  #labels svg.chart { max-height: none; }
  .squares { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .all-results { font-size: 6.4px; }
  .all-results th, .all-results td { padding: 2px; }
  th button { pointer-events: none; }
  details::details-content { block-size: auto; content-visibility: visible; }
}
@page { margin: 12mm; size: A4 landscape; }
)css";

}  // namespace labelbeam::eval
