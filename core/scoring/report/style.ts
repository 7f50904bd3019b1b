/** The report's looks: light and dark by the reader's system, no fonts or files from elsewhere. */
export const style = `
:root { color-scheme: light dark;
  --page: #f7f6f3; --card: #ffffff; --ink: #22242a; --quiet: #666a73; --line: #e2e0da; --accent: #35618e; --alarm: #a63d14; --fine: #2f6b4a; --fill: #9db7d1; }
@media (prefers-color-scheme: dark) { :root {
  --page: #16181c; --card: #1f2227; --ink: #e8e6e1; --quiet: #a0a4ad; --line: #33373e; --accent: #8fb8e0; --alarm: #f0986b; --fine: #86c9a4; --fill: #3f5d7c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 40px 24px 80px; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 28px; font-weight: 620; letter-spacing: -0.01em; margin: 0 0 4px; }
h2 { font-size: 19px; font-weight: 600; margin: 48px 0 14px; }
p { margin: 0 0 10px; max-width: 85ch; }
.quiet { color: var(--quiet); }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 28px 0 8px; padding: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 18px; min-width: 150px; }
.figures dt { color: var(--quiet); font-size: 13px; } .figures dd { margin: 0; font-size: 22px; font-weight: 600; }
.chart { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px; }
.chart svg { display: block; width: 100%; height: auto; } .chart text { font-size: 12px; fill: var(--quiet); }
.chart .grid { stroke: var(--line); } .chart .axis { stroke: var(--quiet); }
.chart .images { fill: var(--fill); opacity: .75; } .chart .normals { fill: none; stroke: var(--ink); stroke-width: 1.6; }
.chart .threshold { stroke: var(--alarm); stroke-width: 2; stroke-dasharray: 5 4; } .chart .threshold-label { fill: var(--alarm); font-weight: 600; }
figcaption { color: var(--quiet); font-size: 13px; }
.key { display: inline-block; width: 14px; height: 10px; margin: 0 6px 0 14px; } .key:first-child { margin-left: 0; }
.images-key { background: var(--fill); } .normals-key { border: 1.6px solid var(--ink); } .threshold-key { border-top: 2px dashed var(--alarm); height: 4px; }
details { margin-top: 10px; } summary { cursor: pointer; color: var(--accent); font-size: 13px; }
table { border-collapse: collapse; font-size: 13px; margin-top: 8px; } td, th { text-align: left; padding: 3px 18px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 16px; padding: 0; margin: 0; list-style: none; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px; margin: 0; }
.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
.pictures img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 5px; background: #000; }
.pictures img.small { image-rendering: pixelated; }
.name { font-size: 13px; overflow-wrap: anywhere; margin-top: 8px; }
.score { display: flex; justify-content: space-between; gap: 8px; font-weight: 600; }
.verdict { font-size: 13px; } .anomalous { color: var(--alarm); } .normal { color: var(--fine); }
.others { font-size: 12px; color: var(--quiet); }
.scale { display: flex; align-items: center; gap: 10px; font-size: 13px; color: var(--quiet); margin-bottom: 14px; }
.scale span.bar { width: 200px; height: 12px; border-radius: 3px; border: 1px solid var(--line); }
@media print { body { max-width: none; } .card { break-inside: avoid; } }
`;
