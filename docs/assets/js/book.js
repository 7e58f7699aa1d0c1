/* Docstrings, copy buttons, quizzes, checklists, living figures. The page is complete without them. */
(() => {
  "use strict";
  const store = "learning-without-labels:";
  const recall = (key) => {
    try { return JSON.parse(localStorage.getItem(store + key)); } catch { return null; }
  };
  const remember = (key, value) => {
    try { localStorage.setItem(store + key, JSON.stringify(value)); } catch { /* private window */ }
  };
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

  /* Copy buttons: on Python and commands, never on what they print; they take what is shown. */
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { /* a page without https has no clipboard: select and copy */
      const area = make("textarea", { value: text, style: "position:fixed;opacity:0" });
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) throw new Error("the browser does not allow copying");
    }
  };
  const spoken = make("div", { className: "visually-hidden", role: "status" });
  const names = new Map();
  const listings = [];
  const blocks = ".listing, .language-python:not(.doc-signature):not(.listing *), .language-sh";
  const rest = ".docstring-rest";
  const shown = (box) =>
    [...box.querySelectorAll("pre > code")].map((part) => {
      const code = part.cloneNode(true);
      if (!box.classList.contains("unfolded")) code.querySelectorAll(rest).forEach((e) => e.remove());
      return code.textContent;
    }).join("\n");
  document.querySelectorAll(blocks).forEach((box) => {
    if (!box.querySelector("pre > code")) return;
    const title = box.querySelector(".listing-title");
    const name = title?.querySelector(".listing-name").textContent ?? "this code";
    const times = (names.get(name) ?? 0) + 1;
    names.set(name, times);
    const which = `${name}${times > 1 ? ` (${times})` : ""}`;
    if (title && box.querySelector(rest)) {
      const fold = make("button", { type: "button", className: "fold", textContent: "docstring" });
      fold.setAttribute("aria-label", `Show the whole docstring of ${which}`);
      fold.setAttribute("aria-pressed", "false");
      fold.addEventListener("click", () =>
        fold.setAttribute("aria-pressed", box.classList.toggle("unfolded")));
      title.append(fold);
    }
    const button = make("button", { type: "button", className: "copy", textContent: "Copy" });
    button.setAttribute("aria-label", `Copy ${which}`);
    const copies = (pressed, boxes) => pressed.addEventListener("click", async () => {
      const usual = pressed.textContent;
      let told = "Copied";
      try { await copy(boxes.map(shown).join("\n\n\n")); } catch { told = "Not allowed"; }
      pressed.textContent = spoken.textContent = told;
      setTimeout(() => { pressed.textContent = usual; spoken.textContent = ""; }, 2000);
    });
    copies(button, [box]);
    (title ?? box).append(button);
    if (!title || listings.push(box) === 1) return;
    const all = make("button", { type: "button", className: "copy-all", textContent: "Copy up to here" });
    all.setAttribute("aria-label", `Copy up to here: all code of this page, to the end of ${which}`);
    copies(all, [...listings]);
    title.append(all);
  });
  document.body.append(spoken);

  /* Quizzes: a button that checks, a verdict that is read out, the answer kept, and what was missed. */
  const asked = [];
  document.querySelectorAll("fieldset.quiz").forEach((quiz) => {
    const key = `quiz:${quiz.dataset.quiz}`, missed = `missed:${quiz.dataset.quiz}`;
    const again = quiz.closest(".asked"), waits = recall(missed) === true;
    const inputs = [...quiz.querySelectorAll("input")];
    const answer = quiz.querySelector("details");
    const verdict = make("output", { className: "quiz-verdict" });
    const check = make("button", { type: "button", className: "quiz-check", textContent: "Check" });
    const judge = () => {
      const chosen = inputs.filter((input) => input.checked);
      if (!chosen.length) {
        verdict.replaceChildren(make("p", { textContent: "Choose an option first." }));
        return;
      }
      const right = inputs.every((input) => input.checked === "right" in input.dataset);
      const head = make("strong", { textContent: right ? "Right." : "Not quite." });
      const reasons = chosen.length === 1
        ? quiz.querySelector(`[data-explains="${chosen[0].value}"] .quiz-reason`).cloneNode(true).childNodes
        : [];
      verdict.replaceChildren(head, ...reasons);
      quiz.dataset.verdict = right ? "right" : "wrong";
      remember(key, chosen.map((input) => input.value));
      return right;
    };
    check.addEventListener("click", () => {
      const right = judge();
      if (right) answer.open = true;
      if (right === false || (right && again)) remember(missed, !right);
    });
    quiz.addEventListener("change", () => {
      verdict.replaceChildren();
      delete quiz.dataset.verdict;
    });
    answer.before(check, verdict);
    const kept = again && waits ? null : recall(key);
    if (Array.isArray(kept)) {
      inputs.forEach((input) => { input.checked = kept.includes(input.value); });
      if (inputs.some((input) => input.checked)) judge();
    }
    if (again) asked.push({ again, waits, right: quiz.dataset.verdict === "right" });
  });

  /* Printed, a page ends with its answers; on the screen each stands under its question. */
  const answers = [...document.querySelectorAll(".quiz-answer")].map((answer) => [answer, answer.parentElement]);
  const last = make("section", { className: "answers" });
  addEventListener("beforeprint", () => {
    if (!answers.length || last.isConnected) return;
    last.replaceChildren(make("h2", { textContent: "Answers" }));
    answers.forEach(([answer, quiz], number) => {
      const question = make("p", { className: "answers-to" });
      question.append(`Question ${number + 1}. `, ...quiz.querySelector("legend").cloneNode(true).childNodes);
      last.append(question, answer);
    });
    document.querySelector("article").append(last);
  });
  addEventListener("afterprint", () => {
    answers.forEach(([answer, quiz]) => quiz.append(answer));
    last.remove();
  });

  /* A review asks what was missed, then what is new; what was right is there when asked for. */
  if (asked.length) {
    const count = (which) => asked.filter(which).length;
    const bar = make("p", { className: "asked-bar" });
    const told = `Of ${asked.length} questions you missed ${count((one) => one.waits)} and had ` +
      `${count((one) => one.right)} right. `;
    const all = make("button", { type: "button", textContent: "Show all" });
    const clear = make("button", { type: "button", textContent: "Forget all my answers" });
    const first = asked[0].again;
    first.before(bar);
    asked.filter((one) => one.waits).forEach((one) => bar.before(one.again));
    const place = asked.find((one) => one.waits)?.again ?? bar;
    place.before(bar);
    asked.forEach((one) => { one.again.hidden = one.right; });
    all.hidden = !count((one) => one.right);
    all.addEventListener("click", () => {
      asked.forEach((one) => { one.again.hidden = false; });
      all.hidden = true;
    });
    clear.addEventListener("click", () => {
      try {
        const answers = [`${store}quiz:`, `${store}missed:`];
        Object.keys(localStorage).filter((key) => answers.some((one) => key.startsWith(one)))
          .forEach((key) => localStorage.removeItem(key));
      } catch { /* nothing is kept */ }
      location.reload();
    });
    bar.append(told, all, " ", clear);
  }

  /* Checklists stay ticked. */
  document.querySelectorAll("ul.checklist").forEach((list) => {
    const key = `checklist:${list.dataset.checklist}`;
    const boxes = [...list.querySelectorAll("input")];
    const kept = recall(key);
    if (Array.isArray(kept)) boxes.forEach((box) => { box.checked = kept.includes(box.value); });
    list.addEventListener("change", () =>
      remember(key, boxes.filter((box) => box.checked).map((box) => box.value)));
  });

  /* Living figures: the scripts of one come when it is about to be seen, and take the drawing's place. */
  const here = document.currentScript.src;
  const scripts = new Map();
  const script = (name) => {
    if (!scripts.has(name)) scripts.set(name, new Promise((resolve, reject) => {
      const element = make("script", { src: new URL(`play/${name}.js`, here).href });
      element.onload = resolve;
      element.onerror = reject;
      document.head.append(element);
    }));
    return scripts.get(name);
  };
  const enliven = async (figure) => {
    const name = figure.dataset.play;
    try {
      await script("kit");
      await script(name);
    } catch { return; /* the drawing stays */ }
    const box = make("div", { className: "play" });
    globalThis.bookPlay.widgets[name].mount(box, globalThis.bookPlay.kit, figure);
    figure.querySelector("[role=img]").classList.add("only-print");
    figure.prepend(box);
  };
  const near = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
    if (!isIntersecting) return;
    near.unobserve(target);
    enliven(target);
  }), { rootMargin: "600px" });
  document.querySelectorAll("figure[data-play]").forEach((figure) => near.observe(figure));

  /* Opened as files: the link to a folder leads to its page, and no script may read the index of the
     search. */
  if (location.protocol === "file:") {
    for (const link of document.querySelectorAll("a[href]")) {
      if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";
    }
    for (const part of document.querySelectorAll(".md-search, label[for=__search]")) {
      part.style.display = "none";
    }
  }

  /* What a title says, a note shows: on hover, on tap, and when the Tab key comes by. */
  const note = make("div", { className: "book-note", id: "book-note", hidden: true });
  note.setAttribute("role", "tooltip");
  document.body.append(note);
  let told = null, leaving;
  const hide = () => {
    note.hidden = true;
    told?.removeAttribute("aria-describedby");
    told = null;
  };
  const hideSoon = (mark, delay) => {
    clearTimeout(leaving);
    leaving = setTimeout(() => { if (told === mark) hide(); }, delay);
  };
  const show = (mark) => {
    clearTimeout(leaving); /* of this note, or of the one before */
    if (told === mark) return;
    hide();
    told = mark;
    note.replaceChildren(...mark.dataset.says.split("\n").map((line) => make("p", { textContent: line })));
    if (mark.href) note.append(make("a", { href: mark.href, textContent: "In the bibliography", tabIndex: -1 }));
    note.hidden = false;
    mark.setAttribute("aria-describedby", note.id);
    const at = mark.getClientRects()[0], wide = document.documentElement.clientWidth;
    note.style.left = `${scrollX + Math.max(8, Math.min(at.left, wide - note.offsetWidth - 8))}px`;
    note.style.top = `${scrollY + at.bottom + 4}px`;
  };
  const marks = "abbr[title], data.claim[title], .citation > a[title]";
  document.querySelectorAll(`.md-content :is(${marks})`).forEach((mark) => {
    mark.dataset.says = mark.title;
    mark.removeAttribute("title");
    if (!mark.href) mark.tabIndex = 0;
    mark.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") show(mark); });
    mark.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") hideSoon(mark, 300);
    });
    mark.addEventListener("focus", () => show(mark));
    mark.addEventListener("blur", () => hideSoon(mark, 200));
    mark.addEventListener("click", (event) => {
      /* The first tap on a citation tells what it is, the link in the note leads there. */
      if (mark.href && matchMedia("(hover: none)").matches) event.preventDefault();
      show(mark);
    });
  });
  note.addEventListener("pointerenter", () => clearTimeout(leaving));
  note.addEventListener("pointerleave", hide);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("pointerdown", (event) => {
    if (told && !told.contains(event.target) && !note.contains(event.target)) hide();
  });

  /* What is wider than the page scrolls by itself, and only then is it a stop of the Tab key. */
  const fit = () =>
    document.querySelectorAll(".math-display, .md-typeset__scrollwrap, .table-scroll").forEach((box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  addEventListener("load", fit);
  addEventListener("resize", fit);
  document.addEventListener("toggle", fit, true); /* what was folded had no width */
  document.fonts.ready.then(fit);

  /* Long tables: a field that leaves the rows with all of its words. */
  document.querySelectorAll(".filtered").forEach((box) => {
    const rows = [...box.querySelectorAll("tbody tr")];
    const field = make("input", { type: "search", placeholder: `Filter these ${rows.length} rows` });
    field.setAttribute("aria-label", "Filter the rows of this table");
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/);
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      });
      const left = rows.filter((row) => !row.hidden).length;
      spoken.textContent = `${left} of ${rows.length} rows`;
    });
    box.prepend(field);
  });
})();
