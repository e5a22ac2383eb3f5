#pragma once

namespace labelbeam::eval {

/// The style sheet of an HTML report.
inline constexpr const char* kReportStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1c2128; --quiet: #5b6570; --rule: #d5dae0; --grid: #e6e9ed;
  --head: #f3f5f7; --win: #fff3cf; --warn: #8a4b00; --warn-back: #fff4e5;
  --c0: #2f62b3; --c1: #b8560c; --c2: #23784a; --c3: #6b7280;
  --soft1: #f6cfae; --soft2: #b9e0c9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --text: #e4e8ed; --quiet: #9ba6b2; --rule: #3a434d; --grid: #2a3138;
    --head: #1e242b; --win: #4a3d10; --warn: #ffc27a; --warn-back: #33260f;
    --c0: #7fa8ee; --c1: #f0a060; --c2: #6cc795; --c3: #98a1ac;
    --soft1: #5b3a1f; --soft2: #214a35;
  }
}
@media print {
  :root {
    --page: #ffffff; --text: #000000; --quiet: #444444; --rule: #999999; --grid: #dddddd;
    --head: #eeeeee; --win: #ffffff; --warn: #000000; --warn-back: #ffffff;
    --c0: #2f62b3; --c1: #b8560c; --c2: #23784a; --c3: #6b7280;
    --soft1: #f6cfae; --soft2: #b9e0c9;
  }
  body { font-size: 10px; max-width: none; padding: 0; }
  section, tr, svg.chart, .example { break-inside: avoid; }
  section.long { break-inside: auto; }
  .scroll { overflow: visible; }
  svg.chart { min-width: 0; max-height: 170mm; }
  section.long svg.chart { break-inside: auto; max-height: none; }
  .all-results { font-size: 7px; }
  .all-results th, .all-results td { padding: 2px 3px; }
}
@page { size: A4 landscape; margin: 12mm; }
* { box-sizing: border-box; }
body { background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
       margin: 0 auto; max-width: 1320px; padding: 24px 20px 60px; }
h1 { font-size: 1.7em; line-height: 1.25; margin: 0 0 .3em; overflow-wrap: anywhere; }
h2 { font-size: 1.25em; margin: 1.8em 0 .6em; }
p { max-width: 80ch; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: .92em; }
.warning { background: var(--warn-back); color: var(--warn); border-left: 4px solid; padding: 6px 12px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--rule); padding: 4px 10px; text-align: left; white-space: nowrap;
         vertical-align: bottom; }
thead th { background: var(--head); font-weight: 600; }
td.number, th.number { text-align: right; }
td.win { background: var(--win); font-weight: 700; }
td .how { color: var(--quiet); font-size: .88em; font-weight: 400; }
.mark { display: inline-block; width: 1ch; text-align: left; }
.all-results { font-size: .76em; }
.all-results th, .all-results td { padding: 3px 4px; }
.scroll > table > * > tr > :first-child { background: var(--page); left: 0; position: sticky; }
.scroll > table > thead > tr > :first-child { background: var(--head); }
svg.chart { display: block; height: auto; max-width: 100%; min-width: 540px; }
svg.square { min-width: 0; }
svg.defs { position: absolute; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg text.tick, svg text.value { fill: var(--quiet); font-size: 11px; }
svg text.value { font-size: 10px; }
.grid { stroke: var(--grid); }
.diagonal { stroke: var(--quiet); stroke-dasharray: 2 4; }
.fill-0 { fill: var(--c0); }
.fill-1 { fill: url(#pattern-1); stroke: var(--c1); }
.fill-2 { fill: url(#pattern-2); stroke: var(--c2); }
.fill-3 { fill: none; stroke: var(--c3); stroke-width: 1.5; }
.soft-1 { fill: var(--soft1); } .hard-1 { fill: var(--c1); }
.soft-2 { fill: var(--soft2); } .hard-2 { fill: var(--c2); }
polyline { fill: none; stroke-width: 2; }
.line-0 { stroke: var(--c0); } .mark-0 { fill: var(--c0); }
.line-1 { stroke: var(--c1); stroke-dasharray: 7 3; } .mark-1 { fill: var(--c1); }
.line-2 { stroke: var(--c2); stroke-dasharray: 2 3; } .mark-2 { fill: var(--c2); }
.line-3 { stroke: var(--c3); stroke-dasharray: 9 3 2 3; } .mark-3 { fill: var(--c3); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 0 0 8px; padding: 0; }
.legend svg { vertical-align: -2px; }
.pair { display: flex; flex-wrap: wrap; gap: 10px 40px; }
.example { border: 1px solid var(--rule); border-radius: 6px; margin: 0 0 14px; padding: 10px 14px; }
.example h3 { font-size: 1em; margin: 0 0 4px; overflow-wrap: anywhere; }
.example p { margin: 0 0 8px; white-space: pre-line; }
.example table { width: 100%; }
.example th, .example td { white-space: normal; vertical-align: top; overflow-wrap: anywhere; }
.example tbody th { white-space: nowrap; width: 1%; }
.label { border: 1px solid var(--rule); border-radius: 4px; display: inline-block; margin: 0 4px 2px 0;
         padding: 0 6px; }
.label.wrong { border-style: dashed; }
pre { background: var(--head); overflow-x: auto; padding: 10px; white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; }
)css";

}  // namespace labelbeam::eval
