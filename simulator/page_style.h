#pragma once
// How a report's page looks: light and dark, on a desk and on a phone.

#include <string_view>

namespace coppice {

inline constexpr std::string_view page_style = R"css(
:root { color-scheme: light dark;
  --page: #f6f7f5; --card: #ffffff; --text: #1c211d; --quiet: #5d665f; --rule: #e2e5e1;
  --axis: #a3aaa4; --good: #1b7a3d; --bad: #b3261e; --bad-card: #fdf0ee;
  --s0: #1f6fbf; --s1: #d1660a; --s2: #12876a; --s3: #9a4f96; }
@media (prefers-color-scheme: dark) { :root {
  --page: #141714; --card: #1d211e; --text: #e6eae6; --quiet: #9ba59d; --rule: #303631;
  --axis: #667068; --good: #6bcf8a; --bad: #ff8a80; --bad-card: #33201e;
  --s0: #6cb2f5; --s1: #f5a35c; --s2: #52cfa8; --s3: #d796d2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 16px 48px; }
header p { margin: 0; color: var(--quiet); }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 6px; font-weight: 650; }
h2 { font-size: 16px; margin: 0; font-weight: 600; }
.note { color: var(--quiet); margin: 2px 0 10px; font-size: 13px; }
.verdict { font-weight: 600; margin: 12px 0 0; }
.good { color: var(--good); } .bad { color: var(--bad); }
.tiles { display: grid; gap: 12px; margin: 20px 0 12px;
  grid-template-columns: repeat(auto-fill, minmax(145px, 1fr)); }
.tile, .card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.tile { padding: 12px 14px; }
.tile b { display: block; font-size: 20px; line-height: 1.3; font-weight: 650;
  white-space: nowrap; }
.tile span { color: var(--quiet); font-size: 13px; }
.cards { display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); }
.card { padding: 14px 16px; min-width: 0; }
.stack { display: flex; flex-direction: column; gap: 12px; min-width: 0; }
.card.broken { background: var(--bad-card); margin: 16px 0 0; }
.card.broken ul { margin: 6px 0 0; padding-left: 20px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 4px 0 4px 14px; text-align: right; white-space: nowrap;
  border-top: 1px solid var(--rule); font-variant-numeric: tabular-nums; }
tr:first-child > * { border-top: 0; }
th { font-weight: 500; color: var(--quiet); }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; }
pre { margin: 0; padding: 10px 12px; border-radius: 8px; background: var(--page); overflow-wrap: anywhere;
  white-space: pre-wrap; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-size: 12px; fill: var(--quiet); font-variant-numeric: tabular-nums; }
svg text.marked { fill: var(--bad); font-weight: 600; }
.grid { stroke: var(--rule); } .axis { stroke: var(--axis); }
.mark { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 4; }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.series-0 { stroke: var(--s0); } .series-1 { stroke: var(--s1); }
.series-2 { stroke: var(--s2); } .series-3 { stroke: var(--s3); }
.bar { fill: var(--s0); } .bar:hover { opacity: 0.8; }
.strip { fill: var(--text); fill-opacity: 0; } .strip:hover { fill-opacity: 0.07; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 8px; padding: 0;
  list-style: none; font-size: 13px; color: var(--quiet); }
.legend svg { display: inline-block; width: 18px; height: 10px; margin-right: 6px; }
footer { color: var(--quiet); font-size: 13px; margin-top: 20px; }
@media (max-width: 520px) { svg text { font-size: 14px; } }
@media print { .card, .tile { break-inside: avoid; } }
)css";

}  // namespace coppice
