/* The articles of built pages as one document: bookbuild.whole_book runs this in an empty page. */
({ title, about, pages, home, style }) => {
  const slug = (url) => url.replace(/\/$/, "").replace(/[^\w.-]+/g, "-");
  const inside = new Map(pages.map((page) => [page.url, slug(page.url)]));
  const base = "http://book.invalid/";
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const each = (where, what, use) => where.querySelectorAll(what).forEach(use);
  /* What only a screen shows, and what print folds away too. */
  const gone = "script, .headerlink, .cite, .docstring-rest, details.provenance, " +
    ".listing-place, details.run, details.abstract, details.bug, details:has(.record-missing)";

  const book = make("main", { className: "md-typeset whole-book" });
  const cover = make("article", { id: "cover" });
  cover.append(make("h1", { textContent: title }), make("p", { textContent: about }));
  book.append(cover);
  const contents = make("ul", { className: "contents" });
  cover.append(contents);
  const known = new Map([["cover", { heading: title, group: "" }]]);

  const leads = (link, url) => {
    const target = new URL(link.getAttribute("href"), base + url);
    if (target.origin !== new URL(base).origin) return;
    const path = decodeURIComponent(target.pathname.slice(1));
    const anchor = decodeURIComponent(target.hash.slice(1));
    if (inside.has(path)) link.setAttribute("href", `#${inside.get(path)}${anchor && `--${anchor}`}`);
    else if (home) link.setAttribute("href", home + target.href.slice(base.length));
    else if (link.matches(".what-if")) {
      const before = link.previousSibling; /* and the space before the mark, or a comma stands alone */
      if (before?.nodeType === Node.TEXT_NODE) before.data = before.data.trimEnd();
      link.remove();
    }
    else link.replaceWith(...link.childNodes);
  };

  const answers = (article) => {
    const last = make("section", { className: "answers" });
    each(article, "fieldset.quiz", (quiz, number) => {
      const asked = make("section", { className: "quiz" });
      const says = (text) => {
        const line = make("p", { className: "quiz-asks" });
        line.append(make("strong", { textContent: `Question ${number + 1}. ` }), text.cloneNode(true));
        return line;
      };
      const legend = document.createRange();
      legend.selectNodeContents(quiz.querySelector("legend"));
      const question = legend.cloneContents();
      const options = make("ul", { className: "quiz-options" });
      each(quiz, ".quiz-option > span", (text) => {
        options.append(make("li", {}));
        options.lastChild.append(...text.cloneNode(true).childNodes);
      });
      asked.append(says(question), options);
      last.append(says(question), quiz.querySelector(".quiz-answer > ul"));
      quiz.replaceWith(asked);
    });
    if (last.firstChild) {
      last.prepend(make("h2", { textContent: "Answers" }));
      article.append(last);
    }
  };

  for (const { url, html, group, heading } of pages) {
    const source = new DOMParser().parseFromString(html, "text/html").querySelector("article");
    const article = make("article", { id: inside.get(url) });
    article.append(...source.childNodes);
    each(article, gone, (element) => element.remove());
    each(article, "details", (fold) => { fold.open = true; });
    each(article, ".checklist input", (box) => box.remove());
    each(article, "[tabindex]", (element) => element.removeAttribute("tabindex"));
    each(article, "a[href]", (link) => leads(link, url));
    answers(article);
    for (const name of ["id", "aria-labelledby"]) {
      each(article, `:not(svg *)[${name}]`, (element) =>
        element.setAttribute(name, `${article.id}--${element.getAttribute(name)}`));
    }
    known.set(article.id, { heading, group });
    if (group) contents.append(make("li", { className: "part", textContent: group }));
    const entry = make("li", {});
    entry.append(make("a", { href: `#${article.id}`, textContent: heading }));
    contents.append(entry);
    book.append(article);
  }
  /* A link whose anchor is not in the book leads to the page that had it. */
  each(book, "a[href^='#']", (link) => {
    const id = link.getAttribute("href").slice(1);
    if (!book.querySelector(`[id="${CSS.escape(id)}"]`)) link.setAttribute("href", `#${id.split("--")[0]}`);
  });
  document.body.replaceChildren(book);
  document.title = title;
  document.head.append(make("style", { textContent: style }));
  const resolved = [...book.querySelectorAll("svg *")].flatMap((element) =>
    [...element.attributes].filter(({ value }) => value.includes("var(")).map((attribute) => [attribute,
      attribute.value.replace(/var\((--[\w-]+)[^()]*\)/g,
        (all, name) => getComputedStyle(element).getPropertyValue(name).trim() || "1")]));
  resolved.forEach(([attribute, value]) => { attribute.value = value; });
  /* As chapters each article is a file, so its links name the file too. */
  return [...book.children].map((article) => {
    const chapter = article.cloneNode(true);
    each(chapter, "a[href^='#']", (link) => {
      const id = link.getAttribute("href").slice(1), file = id.split("--")[0];
      link.setAttribute("href", file === id ? `${file}.xhtml` : `${file}.xhtml#${id}`);
    });
    const text = new XMLSerializer().serializeToString(chapter);
    return { id: article.id, ...known.get(article.id), text };
  });
}
