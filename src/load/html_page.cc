// The shell of a page, and its simple parts.
#include "load/html_page.h"

namespace playhead {
namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#16161a;--soft:#5c5c66;
--line:#e2e2dc;
--grid:#ecece7;--c1:#1f6fd1;--c2:#c8570b;--c3:#7747c9;--c4:#c2283a;--c5:#8a8a93;--good:#1a7f4b;
--bad:#c2283a}
@media (prefers-color-scheme:dark){:root{--page:#121316;--card:#1b1d21;--ink:#ededf0;
--soft:#a2a2ad;
--line:#2f3238;--grid:#282b30;--c1:#6aa9f7;--c2:#f39a5b;--c3:#b698f5;--c4:#ff7d86;--c5:#8b8e97;
--good:#5fce93;--bad:#ff7d86}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:28px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:17px;margin:0}
p{margin:4px 0 0}.soft,figcaption p,caption{color:var(--soft)}
.verdict{margin:16px 0 0;font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;
margin:24px 0}
.tiles div,figure,.card{background:var(--card);border:1px solid var(--line);border-radius:12px}
.tiles div{padding:14px 16px}.tiles b{display:block;font-size:24px;line-height:1.25;
font-variant-numeric:tabular-nums;letter-spacing:-.01em}.tiles span{color:var(--soft);
font-size:13px}
figure{margin:0 0 16px;padding:18px 20px 14px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:10px 0 2px;padding:0;list-style:none;
font-size:13px}
.legend li{display:flex;align-items:center;gap:7px}.legend i{width:14px;height:3px;
border-radius:2px}
.legend .bars i,.legend .dots i{height:10px;width:10px;border-radius:3px}
.legend b{font-weight:600;font-variant-numeric:tabular-nums;min-width:5em}
svg{display:block;width:100%;height:auto;overflow:visible;outline-offset:0;touch-action:pan-y}
svg text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
svg .grid{stroke:var(--grid)}svg .axis{stroke:var(--line)}
svg .cursor{stroke:var(--soft);stroke-dasharray:2 3;visibility:hidden}
svg path{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round;
vector-effect:non-scaling-stroke}
svg .mark{stroke:var(--ink);stroke-dasharray:5 4;opacity:.55}svg .word{fill:var(--ink);
font-weight:600}
.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.s4{stroke:var(--c4)}.s5{
stroke:var(--c5)}
.f1{fill:var(--c1);background:var(--c1)}.f2{fill:var(--c2);background:var(--c2)}
.f3{fill:var(--c3);background:var(--c3)}.f4{fill:var(--c4);background:var(--c4)}
.f5{fill:var(--c5);background:var(--c5)}
svg .bar{opacity:.35}svg .dashes{stroke-dasharray:6 5}
.card{padding:16px 20px;margin:0 0 16px;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:0 0 8px;font-size:13px}
th,td{text-align:right;padding:6px 0 6px 16px;border-top:1px solid var(--line);
white-space:nowrap}
thead th{border-top:0;color:var(--soft);font-weight:500;font-size:13px}
th:first-child,td:first-child{text-align:left;padding-left:0}tbody th{font-weight:500}
@media (max-width:600px){main{padding:24px 14px}h1{font-size:23px}}
)css";

// Walks along a picture: the place under the pointer, or the next by an arrow key.
constexpr std::string_view kScript = R"js(
for(const figure of document.querySelectorAll('figure[data-x]')){
 const svg=figure.querySelector('svg'),line=svg.querySelector('.cursor');
 const xs=JSON.parse(figure.dataset.x),words=JSON.parse(figure.dataset.words);
 const told=JSON.parse(figure.dataset.values),out=figure.querySelector('.told');
 const cells=figure.querySelectorAll('.legend b');let at=-1;
 const show=i=>{at=Math.max(0,Math.min(xs.length-1,i));
  line.setAttribute('x1',xs[at]);line.setAttribute('x2',xs[at]);line.style.visibility='visible';
  cells.forEach((c,s)=>c.textContent=told[s][at]);out.textContent=words[at];};
 const hide=()=>{at=-1;line.style.visibility='hidden';cells.forEach(c=>c.textContent='');
  out.textContent='';};
 svg.addEventListener('pointermove',e=>{const box=svg.getBoundingClientRect();
  const x=(e.clientX-box.left)/box.width*svg.viewBox.baseVal.width;let best=0;
  xs.forEach((v,i)=>{if(Math.abs(v-x)<Math.abs(xs[best]-x))best=i});show(best)});
 svg.addEventListener('pointerleave',hide);svg.addEventListener('blur',hide);
 svg.addEventListener('focus',()=>{if(svg.matches(':focus-visible'))show(Math.max(at,0))});
 svg.addEventListener('keydown',e=>{const far=Math.ceil(xs.length/20);
  const to={ArrowRight:at+1,ArrowLeft:at-1,PageDown:at+far,PageUp:at-far,Home:0,
   End:xs.length-1}[e.key];
  if(to===undefined)return;e.preventDefault();show(to)});
}
)js";

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html_page(std::string_view title, std::string_view body) {
  std::string page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">";
  page += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>";
  page += escaped(title);
  // An icon of its own, or browsers would ask the server for one.
  page += "</title><link rel=\"icon\" href=\"data:,\"><style>";
  page += kStyle;
  page += "</style></head><body><main>";
  page += body;
  page += "</main><script>";
  page += kScript;
  page += "</script></body></html>\n";
  return page;
}

std::string html_tiles(const std::vector<std::pair<std::string, std::string>>& number_and_word) {
  std::string tiles = "<div class=\"tiles\">";
  for (const auto& [number, word] : number_and_word) {
    tiles += "<div><b>" + escaped(number) + "</b><span>" + escaped(word) + "</span></div>";
  }
  return tiles + "</div>\n";
}

std::string html_table(std::string_view caption,
                       const std::vector<std::vector<std::string>>& rows) {
  std::string table = "<div class=\"card\"><table><caption>" + escaped(caption) + "</caption>";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    table += r == 0 ? "<thead><tr>" : "<tr>";
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const bool head = r == 0 || c == 0;
      const std::string_view scope = r == 0 ? "<th scope=\"col\">" : "<th scope=\"row\">";
      table += head ? scope : "<td>";
      table += escaped(rows[r][c]);
      table += head ? "</th>" : "</td>";
    }
    table += r == 0 ? "</tr></thead><tbody>" : "</tr>";
  }
  return table + "</tbody></table></div>\n";
}

}  // namespace playhead
