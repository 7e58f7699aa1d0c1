/* What looking.py asks of a page. */
({
  /* Axe takes most of its time to find what lies behind each piece of text. Pieces on the same path
     of tags, classes and backgrounds, in the same colors and letters, look alike: one of each kind
     is judged. */
  alike() {
    const paths = new Map([[document.documentElement, ""]]), kinds = new Set();
    const path = (e) => {
      if (!paths.has(e)) {
        const own = ["class", "style", "fill"].map((name) => e.getAttribute(name));
        own.push(getComputedStyle(e).backgroundColor);
        paths.set(e, `${path(e.parentElement)} ${e.localName},${own}`);
      }
      return paths.get(e);
    };
    document.querySelectorAll("[data-judged]").forEach((e) => e.removeAttribute("data-judged"));
    for (const e of document.body.querySelectorAll("*")) {
      const says = [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!(says || e.matches("input, select, textarea")) || !e.checkVisibility()) continue;
      const s = getComputedStyle(e);
      const kind = path(e) + [s.color, s.fontSize, s.fontWeight, s.textDecorationLine];
      if (!kinds.has(kind)) e.dataset.judged = "";
      kinds.add(kind);
    }
    axe.configure({rules: [{id: "color-contrast", selector: "[data-judged]"},
      {id: "link-in-text-block", selector: "a[href][data-judged]"}]});
  },

  tooWide(width) {
    const wide = document.documentElement.scrollWidth;
    scrollTo(500, 0);
    const moved = scrollX;
    scrollTo(0, scrollY);
    const scrolls = (e) => /auto|scroll|hidden/.test(getComputedStyle(e).overflowX);
    const inside = (e) => e && (scrolls(e) || inside(e.parentElement));
    const culprits = [...document.querySelectorAll("main *")]
      .filter((e) => e.getBoundingClientRect().right > width + 1 && !inside(e.parentElement));
    if (wide === width && !moved && !culprits.length) return [];
    const named = culprits.slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
    return [`${width} px: ${wide} wide`, ...named];
  },

  smallLetters(least) {
    return [...document.querySelectorAll(".book-figure svg text")].flatMap((text) => {
      const scale = text.getClientRects().length && text.ownerSVGElement.getScreenCTM().a;
      const size = parseFloat(getComputedStyle(text).fontSize) * scale;
      const cut = scale && text.getBoundingClientRect().left < 0 ? ["begins outside"] : [];
      const small = scale && size < least ? [`${size.toFixed(1)} px`] : [];
      return [...cut, ...small].map((wrong) => `${text.textContent}: ${wrong}`);
    });
  },

  /* The bytes of what the page has loaded until now, by its address. */
  loaded() {
    return Object.fromEntries(["navigation", "resource"].flatMap((kind) =>
      performance.getEntriesByType(kind).map((one) => [one.name, one.encodedBodySize])));
  },

  /* Scrolls to what comes when it is seen. */
  async through() {
    const dead = () => [...document.querySelectorAll("figure[data-play]")]
      .filter((e) => e.checkVisibility() && !e.querySelector(".play-summary")?.textContent);
    for (let i = 0; i < 1200 && dead().length; i += 1) {
      dead()[0].scrollIntoView();
      await new Promise((done) => setTimeout(done, 100));
    }
    scrollTo(0, document.body.scrollHeight);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await document.fonts.ready;
    scrollTo(0, 0);
  },

  /* What is missing without a script. */
  unread() {
    const article = document.querySelector("article");
    const all = (kind) => [...document.querySelectorAll(kind)];
    const wrong = article.innerText.length > 1000 ? [] : ["hardly any text"];
    const box = (e) => e.getBoundingClientRect();
    const flat = (e) => Math.min(box(e).width, box(e).height) <= 2;
    wrong.push(...all(".copy, .quiz-check").map((e) => `${e.className} without its script`));
    for (const kind of ["article math", "article figure svg", "article .output pre"])
      wrong.push(...all(kind).filter((e) => !e.closest("details:not([open])") && flat(e))
        .map((e) => `${kind} is flat: ${e.outerHTML.slice(0, 120)}`));
    for (const fold of all("article details")) {
      fold.querySelector(":scope > summary").click();
      if (!fold.open) wrong.push(`does not open: ${fold.outerHTML.slice(0, 120)}`);
    }
    const hidden = all("article .quiz-reason").filter((e) => !e.checkVisibility() || flat(e));
    return [...wrong, ...hidden.map((e) => `hidden: ${e.textContent}`)];
  },

  /* What each copy button puts on the clipboard, and what a reader who selects by hand would copy. */
  async copied(buttons) {
    const copied = [];
    for (const button of buttons) {
      await navigator.clipboard.writeText("nothing");
      button.scrollIntoView({block: "center"});
      const {x, y, width, height} = button.getBoundingClientRect();
      if (document.elementFromPoint(x + width / 2, y + height / 2) !== button)
        throw new Error(`no pointer reaches ${button.ariaLabel}`);
      button.click();
      for (let i = 0; i < 4000 && button.textContent === "Copy"; i += 1)
        await new Promise((done) => setTimeout(done, 5));
      const box = button.closest(".listing") ?? button.closest(".highlight");
      const seen = [...box.querySelectorAll("pre > code")].map((code) => code.innerText).join("\n");
      copied.push([await navigator.clipboard.readText(), seen]);
      button.textContent = "Copy";
    }
    return copied;
  },

  /* A page's buttons and outputs, in their order. */
  pieces(all) {
    return all.map((e) => [
      e.classList.contains("copy") ? "copy" : "output",
      [...e.querySelectorAll("pre")].map((pre) => pre.innerText).join(""),
      e.dataset.example ?? "", e.dataset.cost ?? ""]);
  },

  pressed(buttons) {
    return buttons.map((e) => [e.ariaPressed, (e.click(), e.ariaPressed)]);
  },

  /* Whether part of a docstring is folded, and whether a button unfolds it. */
  folds(blocks) {
    return blocks.map((e) => [".docstring-rest", ".fold"].map((part) => !!e.querySelector(part)));
  },
})
