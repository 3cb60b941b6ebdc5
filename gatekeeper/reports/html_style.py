"""The style of the HTML report: light and dark, wide and narrow, on screen and paper, with no request to anywhere."""

from __future__ import annotations

CSS = """
:root{color-scheme:light dark;--ink:#1c2330;--soft:#566070;--page:#f5f6f8;--card:#fff;--line:#d9dde4;
--good:#146c3a;--goodbg:#e4f4ea;--bad:#a8201a;--badbg:#fbe9e7;--doubt:#7a4f01;--doubtbg:#fdf1d8;--track:#e8ebf0}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebf1;--soft:#a5afbf;--page:#12161d;--card:#1b212b;--line:#333c4a;
--good:#7fd7a2;--goodbg:#16321f;--bad:#ff9d94;--badbg:#421a18;--doubt:#f2c46b;--doubtbg:#3a2c0d;--track:#2a323f}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,header>div,footer{max-width:1080px;margin:0 auto;padding:0 20px}
header{border-top:8px solid var(--tone);background:var(--tonebg);padding:24px 0 20px}
.good{--tone:var(--good);--tonebg:var(--goodbg)}
.bad{--tone:var(--bad);--tonebg:var(--badbg)}
.doubt{--tone:var(--doubt);--tonebg:var(--doubtbg)}
.quiet{--tone:var(--soft);--tonebg:var(--track)}
h1{margin:0;font-size:30px;line-height:1.2;overflow-wrap:anywhere}
h1 b{color:var(--tone);letter-spacing:.02em}
h2{margin:36px 0 12px;font-size:20px}
h3{margin:0;font-size:17px;overflow-wrap:anywhere}
p{margin:6px 0;overflow-wrap:anywhere}
header p{font-size:18px}
code,pre,.id{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
.id,code{overflow-wrap:anywhere}
.soft{color:var(--soft)}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:12px 0 0;font-size:14px}
dt{color:var(--soft)}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:0 0 14px}
.stop{border-left:6px solid var(--tone)}
.stop .row{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;justify-content:space-between}
.stop .said{font-size:17px;margin:8px 0}
.stop .do{margin-top:10px;padding:10px 12px;background:var(--tonebg);border-radius:8px}
.chip{display:inline-block;padding:1px 9px;border-radius:99px;border:1px solid var(--tone);color:var(--tone);
background:var(--tonebg);font-size:13px;font-weight:600;white-space:nowrap}
.wrap,td .chip{white-space:normal;border-radius:10px}
.head{display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline;margin-bottom:8px}
table{width:100%;border-collapse:collapse;font-size:15px}
th{text-align:left;color:var(--soft);font-size:13px;font-weight:600;
border-bottom:1px solid var(--line);padding:4px 10px 4px 0}
td{border-bottom:1px solid var(--line);padding:8px 10px 8px 0;vertical-align:top;overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}
th.num,td.num{text-align:right;font-variant-numeric:tabular-nums}
td.num{max-width:16em}
summary{cursor:pointer;overflow-wrap:anywhere}
summary:focus-visible{outline:2px solid var(--tone,var(--ink));outline-offset:2px;border-radius:4px}
details p{margin:4px 0;font-size:14px}
svg.defs{position:absolute}
svg.bar{display:block;width:168px;height:auto;max-width:100%}
.stop svg.bar{width:336px;margin:10px 0}
.track{fill:var(--track)}
.span{fill:none;stroke:var(--good);stroke-width:2.5}
.value{fill:var(--ink);opacity:.62}
.hatch{fill:url(#hatch)}
.lines{stroke:var(--ink);stroke-width:2.4}
.edge{fill:none;stroke:var(--ink);stroke-width:1}
.limit,.whisker,.span,.edge,.halo{vector-effect:non-scaling-stroke}
.limit,.whisker{stroke:var(--ink);stroke-width:2;fill:none}
.whisker{stroke-width:1.2}
.halo{fill:none;stroke:var(--card);stroke-width:3.6}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:center;font-size:13px;color:var(--soft);margin:0 0 12px}
.key span{display:inline-flex;align-items:center;gap:6px}
.key svg{width:26px;height:14px}
pre{margin:12px 0 0;padding:12px;overflow-x:auto;background:var(--page);
border:1px solid var(--line);border-radius:8px;line-height:1.45}
pre ins{text-decoration:none;color:var(--good);font-weight:600}
pre del{text-decoration:none;color:var(--bad);font-weight:600}
ul{margin:8px 0;padding-left:22px;overflow-wrap:anywhere}
footer{padding:20px;color:var(--soft);font-size:13px}
table{table-layout:fixed}
.rules .state{width:17%}.rules .num{width:12%}.rules .scale{width:188px;padding-left:12px;padding-right:0}
.evidence .label{width:12%}.evidence .state{width:19%}.evidence .what{width:14%}.evidence .digest{width:34%}
@media (max-width:720px){
h1{font-size:25px}header p{font-size:16px}main,header>div,footer{padding-left:14px;padding-right:14px}
table,tbody,td{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{display:grid;grid-template-columns:repeat(3,1fr);gap:6px 10px;padding:12px 0;border-bottom:1px solid var(--line)}
tr:last-child{border-bottom:0}
td,td.num,.rules td.num,.rules td.scale,.rules td.state{border:0;padding:0;
text-align:left;white-space:normal;width:auto;max-width:none}
td.name,td.scale,.evidence td{grid-column:1/-1}
td.name{order:-1;font-weight:600}td.name details>p{font-weight:400}
.rules td.state{grid-column:1/-1}
td[data-label]:not([data-label=""])::before{content:attr(data-label);display:block;color:var(--soft);font-size:12px}
td.none{display:none}
.stop svg.bar{width:100%}
dl.facts{grid-template-columns:1fr}dd{margin-bottom:6px}
}
@media print{
:root{--page:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999;--track:#eee;--good:#000;--bad:#000;--doubt:#000;
--goodbg:#fff;--badbg:#fff;--doubtbg:#fff}
body{font-size:11pt}.stop,tr{break-inside:avoid}h2,h3{break-after:avoid}
summary{list-style:none}
details.soft::details-content{content-visibility:visible;height:auto}
svg,.track,.value{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""
