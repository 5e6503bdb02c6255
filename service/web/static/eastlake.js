// Enhancements only: every page works without this file.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A question before a destructive step, in a dialogue of the page.
  const ask = (text, onYes) => {
    const box = document.createElement("dialog");
    box.className = "ask";
    box.setAttribute("aria-label", "请确认");
    const words = document.createElement("p");
    words.textContent = text;
    const row = document.createElement("div");
    row.className = "form-buttons";
    const button = (label, kind, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = `button button-${kind}`;
      made.textContent = label;
      made.addEventListener("click", () => { box.close(); act(); });
      row.append(made);
    };
    button("确认执行", "danger", onYes);
    button("取消", "quiet", () => {});
    box.append(words, row);
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    row.lastElementChild.focus();
  };

  let sending = false;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const by = event.submitter;
    const moves = by && (by.name === "_add" || by.name === "_remove");
    const question = (by && by.dataset.confirm) || form.dataset.confirm;
    if (question && !form.dataset.confirmed && !moves) {
      event.preventDefault();
      ask(question, () => {
        form.dataset.confirmed = "1";
        form.requestSubmit(by && by.type === "submit" ? by : undefined);
      });
      return;
    }
    if ((form.getAttribute("method") || "get").toLowerCase() !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    sending = true;
  });
  window.addEventListener("pageshow", () => {
    sending = false;
    all("form[data-sent]").forEach((form) => { delete form.dataset.sent; delete form.dataset.confirmed; });
  });

  // Warn before leaving with unsaved changes.
  let changed = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-guard]")) changed = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !sending) event.preventDefault();
  });

  // Amounts: show what was typed in the other unit.
  const inFen = (text, unit) => {
    const plain = text.normalize("NFKC").replace(/[\s¥]/g, "");
    const parts = plain.match(/^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(亿元|亿|万元|万|元)?$/);
    if (!parts) return null;
    const zeros = { "": 2, "元": 2, "万": 6, "万元": 6, "亿": 10, "亿元": 10 }[parts[3] || unit];
    const decimals = parts[2] || "";
    if (decimals.length > zeros) return null;
    return BigInt(parts[1].replaceAll(",", "") + decimals.padEnd(zeros, "0"));
  };
  const grouped = (whole) => whole.toString().replace(/\B(?=(\d{3})+$)/g, ",");
  const amount = (fen, zeros, keep) => {
    const unit = 10n ** BigInt(zeros);
    let rest = (fen % unit).toString().padStart(zeros, "0");
    while (rest.length > keep && rest.endsWith("0")) rest = rest.slice(0, -1);
    return grouped(fen / unit) + (rest ? `.${rest}` : "");
  };
  const preview = (input) => {
    const output = input.closest(".field").querySelector("[data-preview]");
    const fen = inFen(input.value, input.dataset.money);
    output.textContent = fen === null ? "" : fen >= 1000000n
      ? `= ${amount(fen, 6, 0)} 万元 = ${amount(fen, 2, 2)} 元` : `= ${amount(fen, 2, 2)} 元`;
  };

  // How many characters are left, once the end is near.
  const room = (input) => {
    const limit = Number(input.dataset.limit);
    const field = input.closest(".field");
    let left = field.querySelector(".left");
    const used = [...input.value].length;
    if (used < limit * 0.8) { if (left) left.remove(); return; }
    if (!left) {
      left = document.createElement("span");
      left.className = "left";
      left.setAttribute("aria-live", "polite");
      input.after(left);
    }
    left.textContent = `${used} / ${limit} 字`;
    left.classList.toggle("left-over", used > limit);
  };

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (input.dataset.money) preview(input);
    if (input.dataset.limit) room(input);
    if (input.dataset.boxFilter !== undefined) {
      const wanted = input.value.trim().toLowerCase();
      all(".box", input.closest("fieldset")).forEach((box) => {
        box.hidden = !box.textContent.toLowerCase().includes(wanted);
      });
    }
  });
  all("[data-money]").forEach(preview);

  // Rows of a repeated group are added and removed without a round trip.
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add]");
    const remove = event.target.closest("[data-remove]");
    if (add) {
      const group = add.closest("[data-repeat]");
      const next = Number(group.dataset.next || all("[data-row]", group).length);
      group.dataset.next = String(next + 1);
      const holder = document.createElement("div");
      holder.innerHTML = group.querySelector("template").innerHTML.replaceAll("__i__", String(next));
      const row = holder.firstElementChild;
      group.querySelector("[data-rows]").append(row);
      event.preventDefault();
      changed = true;
      const first = row.querySelector(".input");
      if (first) first.focus();
    }
    if (remove) {
      const row = remove.closest("[data-row]");
      const group = row.closest("[data-repeat]");
      if (!group.dataset.next) group.dataset.next = String(all("[data-row]", group).length);
      row.remove();
      event.preventDefault();
      changed = true;
      group.querySelector("[data-add]").focus();
    }
  });

  // Long lists of choices get a field that narrows them.
  all("fieldset[data-searchable]").forEach((set) => {
    const line = document.createElement("label");
    line.className = "box-filter";
    line.textContent = "筛选";
    const input = document.createElement("input");
    input.type = "search";
    input.className = "input";
    input.dataset.boxFilter = "";
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    line.append(input);
    set.querySelector(".box-list").before(line);
  });

  all("select[data-autosubmit]").forEach((select) => {
    let byKeyboard = false;
    select.addEventListener("keydown", () => { byKeyboard = true; });
    select.addEventListener("pointerdown", () => { byKeyboard = false; });
    select.addEventListener("change", () => { if (!byKeyboard) select.form.requestSubmit(); });
  });

  all("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      button.textContent = "已复制";
    });
  });

  // Shortcuts: / goes to the search field, data-key="n" presses a link of the page.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const goal = event.key === "/" ? document.querySelector("[data-search]")
      : /^[a-z]$/.test(event.key) ? document.querySelector(`[data-key="${event.key}"]`) : null;
    if (!goal) return;
    event.preventDefault();
    if (event.key === "/") goal.focus(); else goal.click();
  });

  const remarks = document.querySelector("[data-findings]");
  if (remarks && !location.hash) remarks.focus({ preventScroll: false });
})();
