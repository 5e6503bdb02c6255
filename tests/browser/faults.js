// What is wrong with the page that a program can see, as a list of words.
() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const faults = [];
  const found = (what, list) => { if (list.length) faults.push(`${what}: ${list.join(" ")}`); };

  const wide = document.scrollingElement.scrollWidth - innerWidth;
  if (wide > 0) {
    const scrolls = ".table-box, .chart-box, .tabs, .nav";
    const out = all("main *, header *, footer *")
      .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(scrolls));
    found(`${wide} px too wide`, out.slice(0, 3).map((e) => `${e.tagName}.${e.className}`));
    faults.push(`${wide} px too wide`);
  }

  const ids = all("[id]").map((e) => e.id);
  found("ids given twice", [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))]);
  found("links to nowhere", all("a[href^='#']").map((a) => decodeURIComponent(a.hash.slice(1)))
    .filter((id) => id && !document.getElementById(id)));

  const said = (e) => e.getAttribute("aria-label") || e.getAttribute("aria-labelledby");
  found("fields without label", all("input:not([type=hidden]), select, textarea")
    .filter((e) => !e.labels?.length && !said(e)).map((e) => e.name));
  found("links or buttons without words", all("a, button")
    .filter((e) => !e.textContent.trim() && !said(e)).map((e) => e.outerHTML.slice(0, 60)));
  found("pictures without alt", all("img:not([alt])").map((e) => e.src));
  if (all("h1").length !== 1) faults.push(`${all("h1").length} main headings`);

  const words = document.body.innerText;
  found("leaked words", ["None", "Undefined", "{{", "NaN"].filter((bad) => words.includes(bad)));
  return faults;
}
