/* The style sheet of all pages. Text on its ground has a contrast of 4.5 to 1 or more, in
 * light and dark (WCAG 2.2, 1.4.3). */
#include "harness/report/page.h"

/* clang-format off */
const char *const page_style[] = {
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--mute:#505a66;--line:#c3cad3;"
    "--card:#f4f6f8;--good:#0a6229;--bad:#a80019;--warn:#7d4400;--skip:#3c4d66;"
    "--blue:#0b4f96;--a:#2467ad;--b:#c47a00;--c:#8a5a9e;--e:#3f8f6b;--hot:#fdecee}\n",
    "@media (prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e8eaed;--mute:#aab4c0;"
    "--line:#414a55;--card:#1d2228;--good:#74d391;--bad:#ff9494;--warn:#f2ba5d;"
    "--skip:#b8c6d9;--blue:#93c8ff;--a:#6fb1f0;--b:#e5a63a;--c:#c79bdb;--e:#63b58f;--hot:#3a1d22}}\n",
    "*{box-sizing:border-box}\n",
    "body{margin:0 auto;max-width:75rem;padding:1rem clamp(.8rem,3vw,2rem);"
    "background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,'Segoe UI',Roboto,"
    "'DejaVu Sans',sans-serif;overflow-wrap:break-word}\n",
    "a{color:var(--blue)}a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{"
    "outline:3px solid var(--blue);outline-offset:2px}\n",
    ".jump{position:absolute;left:-99rem}.jump:focus{position:static}\n",
    "h1{font-size:1.7rem;line-height:1.2;margin:.6rem 0}h2{font-size:1.3rem;margin:2.2rem "
    "0 .6rem;border-bottom:2px solid var(--line);padding-bottom:.2rem}"
    "h3{font-size:1.08rem;margin:1.4rem 0 .4rem}h4{font-size:1rem;margin:1rem 0 .3rem}\n",
    "header,nav{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;align-items:baseline;"
    "justify-content:space-between}nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;"
    "list-style:none;margin:0;padding:0}\n",
    ".verdict{border:2px solid;border-left-width:.7rem;border-radius:.4rem;padding:.7rem "
    "1rem;margin:1rem 0;background:var(--card)}.verdict p{margin:.2rem 0;"
    "color:var(--fg)}.verdict .big{font-size:1.5rem;font-weight:700;color:inherit}\n",
    ".good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}"
    ".skip{color:var(--skip)}.na{color:var(--mute)}\n",
    ".badge{font-weight:600;white-space:nowrap}\n",
    ".facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:"
    ".6rem 0}.facts dt{color:var(--mute)}.facts dd{margin:0;min-width:0}\n",
    "table{border-collapse:collapse;width:100%;margin:.6rem 0;font-size:.93rem}"
    "caption{text-align:left;color:var(--mute);padding:.2rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;"
    "border-bottom:1px solid var(--line)}.n{text-align:right;"
    "font-variant-numeric:tabular-nums}td.n,th.n{padding-right:1rem}\n",
    "code,pre{font:.86rem/1.45 ui-monospace,'DejaVu Sans Mono',Consolas,monospace}"
    "pre{background:var(--card);border:1px solid var(--line);border-radius:.3rem;"
    "padding:.6rem;margin:.3rem 0;white-space:pre-wrap;overflow-wrap:anywhere;"
    "max-height:26rem;overflow:auto}code{overflow-wrap:anywhere}\n",
    ".finding{border:1px solid var(--line);border-left:.4rem solid var(--line);"
    "border-radius:.4rem;padding:.2rem 1rem .8rem;margin:1rem 0}"
    ".finding.bad{border-left-color:var(--bad)}.finding.warn{border-left-color:"
    "var(--warn)}.finding.skip{border-left-color:var(--skip)}"
    ".finding>*{color:var(--fg)}.why{font-weight:600;margin:.4rem 0}.why::first-letter{text-transform:uppercase}\n",
    ".two{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.two>div{min-width:0}"
    ".two h5,.finding h5{font-size:.9rem;margin:.5rem 0 .2rem;color:var(--mute)}\n",
    "details{margin:.5rem 0}summary{cursor:pointer;color:var(--blue);padding:.15rem 0}\n",
    "figure{margin:.8rem 0}figcaption{color:var(--mute);font-size:.93rem}"
    "figcaption h3{color:var(--fg)}"
    ".scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.4rem}\n",
    "svg{display:block;font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "font-size:12px}svg text{fill:var(--fg)}svg .m{fill:var(--mute)}"
    "svg .halo{paint-order:stroke;stroke:var(--bg);stroke-width:5px;"
    "stroke-linejoin:round}svg .l{stroke:var(--line)}svg .ar{stroke:var(--fg);fill:none;"
    "stroke-width:1.4}svg .ar.bad{stroke:var(--bad);stroke-width:2}svg .tb{"
    "fill:var(--bad)}svg .tg{fill:var(--good)}svg .tw{fill:var(--warn)}svg .box{"
    "fill:var(--card);stroke:var(--line)}svg .hot{fill:var(--hot);stroke:var(--bad)}"
    "svg .fa{fill:var(--a)}svg .fb{fill:var(--b)}svg .fc{fill:var(--c)}"
    "svg .fe{fill:var(--e)}svg .ink{stroke:var(--bg);fill:none;stroke-width:1.4}svg .box+.ink{stroke:var(--fg)}"
    "svg .back{stroke-dasharray:6 4}svg .strong{font-weight:600}svg .fx{fill:var(--card);stroke:var(--mute)}svg .fg{"
    "fill:var(--good)}svg .fr{fill:var(--bad)}svg .fault{fill:var(--warn);"
    "fill-opacity:.18;stroke:var(--warn);stroke-dasharray:4 3}svg .down{fill:var(--skip);"
    "fill-opacity:.25;stroke:var(--skip)}svg .tip{fill:var(--fg)}svg .tip.bad{"
    "fill:var(--bad)}\n",
    ".blocks{padding-left:0;list-style:none}.blocks li{margin:.5rem 0}\n",
    ".picture svg{overflow:visible}.defs{position:absolute}.key{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.3rem 0;"
    "padding:0;font-size:.93rem}.key svg{display:inline-block;vertical-align:-2px;"
    "margin-right:.35rem}\n",
    "footer{margin-top:3rem;border-top:2px solid var(--line);color:var(--mute);"
    "font-size:.93rem}.small{font-size:.93rem;color:var(--mute)}\n",
    "@media (max-width:45rem){.two{grid-template-columns:1fr;gap:0}.facts{"
    "grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.4rem}"
    "table,tbody,tr,td,caption{display:block}thead{position:absolute;left:-99rem}"
    "tr{border-bottom:2px solid var(--line);padding:.4rem 0}td,td.n{border:0;"
    "padding:.1rem 0;text-align:left}td[data-h]::before{content:attr(data-h) ': ';"
    "color:var(--mute)}}\n",
    "@media print{:root{--bg:#fff;--fg:#000;--mute:#444;--line:#999;--card:#fff;"
    "--good:#0a6229;--bad:#a80019;--warn:#7d4400;--skip:#3c4d66;--blue:#000;"
    "--hot:#fff}body{max-width:none;padding:0;font-size:10pt}nav,.jump{display:none}"
    "pre{max-height:none}.scroll{overflow:visible;border:0}.scroll svg{max-width:100%;"
    "height:auto;min-width:0!important}h2,h3,h4{break-after:avoid}tr,figure,"
    ".verdict{break-inside:avoid}details::details-content{content-visibility:visible;"
    "block-size:auto}}\n",
    NULL};
/* clang-format on */
