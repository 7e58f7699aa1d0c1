/* Multi-crop on a photograph: what the student sees, what the teacher sees, and who is compared with whom.
   The photograph and the first crops are read from the drawing whose place this takes. */
(() => {
  "use strict";
  const RATIOS = [3 / 4, 4 / 3];
  /* A random resized crop as [top, left, bottom, right]. Of ten tries, [share of the area, logarithm of
     width to height], the first that fits is cut; where it lies, two numbers from 0 to 1 say. */
  const crop = (height, width, [tries, [down, over]]) => {
    for (const [share, logarithm] of tries) {
      const ratio = Math.exp(logarithm);
      const wide = Math.round(Math.sqrt(share * height * width * ratio));
      const high = Math.round(Math.sqrt((share * height * width) / ratio));
      if (wide > 0 && wide <= width && high > 0 && high <= height) {
        const top = Math.floor(down * (height - high + 1));
        const left = Math.floor(over * (width - wide + 1));
        return [top, left, top + high, left + wide];
      }
    }
    const ratio = Math.min(Math.max(width / height, RATIOS[0]), RATIOS[1]); /* the middle, as large as may be */
    const wide = Math.min(width, Math.round(height * ratio));
    const high = Math.min(height, Math.round(width / ratio));
    const [top, left] = [(height - high) >> 1, (width - wide) >> 1];
    return [top, left, top + high, left + wide];
  };
  const area = ([top, left, bottom, right]) => Math.max(0, bottom - top) * Math.max(0, right - left);
  /* The share of a crop's own area that lies in another. */
  const within = (box, other) =>
    area(box.map((edge, i) => (i < 2 ? Math.max(edge, other[i]) : Math.min(edge, other[i])))) / area(box);
  /* Two crops: where they lie, how much of the photograph the first shows, how much of it is in the second. */
  const pair = (height, width, first, second) => {
    const [box, other] = [first, second].map((draws) => crop(height, width, draws));
    return { box, other, shown: area(box) / (height * width), shared: within(box, other) };
  };

  const [HEIGHT, WIDTH] = [427, 640];
  const GLOBAL = 2;
  const PATCHES = [(224 / 16) ** 2, (96 / 16) ** 2]; /* of a global and of a local crop */
  const START = [0.4, 8, 0, 6]; /* border, local crops, which draw, the crop in view */

  /* Numbers from 0 to 1 that follow from a seed. */
  const dice = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const drawn = (roll, low, high) => {
    const between = (from, to) => from + (to - from) * roll();
    const tries = Array.from({ length: 10 }, () => [between(low, high), between(...RATIOS.map(Math.log))]);
    return crop(HEIGHT, WIDTH, [tries, [roll(), roll()]]);
  };
  /* The boxes that the drawing shows, in pixels of the photograph. */
  const recorded = (svg) => {
    const frame = svg.querySelector("clipPath rect");
    const [x, y, wide, high] = ["x", "y", "width", "height"].map((name) => Number(frame.getAttribute(name)));
    return [...svg.querySelectorAll(`path[clip-path="url(#${frame.parentNode.id})"]`)].map((path) => {
      const places = path.getAttribute("d").match(/-?\d+(\.\d+)?/g).map(Number);
      const across = places.filter((_, i) => i % 2 === 0).map((place) => ((place - x) * WIDTH) / wide);
      const down = places.filter((_, i) => i % 2 === 1).map((place) => ((place - y) * HEIGHT) / high);
      return [Math.min(...down), Math.min(...across), Math.max(...down), Math.max(...across)].map(Math.round);
    });
  };

  const mount = (box, kit, figure) => {
    const { draw, make, slider, button, recall, keep } = kit;
    const drawing = figure.querySelector("[role=img] svg");
    const lesson = recorded(drawing);
    const kept = recall("crops", 4) ?? START;
    let border = kit.within(kept[0], 0.1, 0.9);
    let locals = kit.within(Math.round(kept[1]), 0, 8);
    let seed = kit.within(Math.round(kept[2]), 0, 9999);
    let chosen = kit.within(Math.round(kept[3]), 1, GLOBAL + 8);
    const place = { width: WIDTH, height: HEIGHT, preserveAspectRatio: "none" };
    const photo = draw("image", { ...place, id: "play-crops-photo", href: drawing.querySelector("image").getAttribute("href"),
      style: "image-rendering: pixelated" });
    const outlines = Array.from({ length: GLOBAL + 8 }, (_, i) => draw("rect", {
      ...Object.fromEntries(["fill", "stroke"].map((part) => [part, `var(--fig-${i < GLOBAL ? 1 : 2})`])),
      "vector-effect": "non-scaling-stroke",
    }));
    const tile = (x, y, side) => draw("svg", { x, y, width: side, height: side, preserveAspectRatio: "none" },
      draw("use", { href: "#play-crops-photo" }));
    const label = (text, y) => draw("text", { x: 2, y, class: "play-text" }, text);
    const SIDES = [72, 31];
    const teacher = [0, 1].map((i) => tile(2 + 78 * i, 252, SIDES[0]));
    const student = outlines.map((_, i) => (i < GLOBAL ? tile(2 + 78 * i, 350, SIDES[0])
      : tile(162 + 38 * ((i - GLOBAL) % 4), 350 + 40 * Math.floor((i - GLOBAL) / 4), SIDES[1])));
    const marks = [...teacher, ...student].map((one) => draw("rect", {
      x: one.getAttribute("x") - 1.5, y: one.getAttribute("y") - 1.5, fill: "none", "stroke-width": 3,
      width: Number(one.getAttribute("width")) + 3, height: Number(one.getAttribute("height")) + 3,
    }));
    const picture = draw("svg", { viewBox: "0 0 340 428", "aria-hidden": "true", class: "play-tall" },
      draw("svg", { width: 340, height: 227, viewBox: `0 0 ${WIDTH} ${HEIGHT}` }, photo, ...outlines),
      label("the teacher sees", 245), ...teacher, label("the student sees", 343), ...student, ...marks);
    const summary = make("p", { className: "play-summary" });
    summary.setAttribute("role", "status");
    const percent = (share) => `${Math.round(100 * share)}%`;
    const update = () => {
      const roll = dice(seed);
      const boxes = seed === 0 && border === START[0] ? lesson : outlines.map((_, i) =>
        drawn(roll, i < GLOBAL ? border : 0.05, i < GLOBAL ? 1 : border));
      const count = GLOBAL + locals;
      const now = Math.min(chosen, count) - 1;
      const against = [0, 1].filter((i) => i !== now);
      outlines.forEach((outline, i) => {
        const [top, left, bottom, right] = boxes[i];
        Object.entries({ x: left, y: top, width: right - left, height: bottom - top, "stroke-width": i < GLOBAL ? 3.5 : 1.5,
          "fill-opacity": i === now ? 0.3 : 0, visibility: i < count ? "visible" : "hidden" })
          .forEach(([name, value]) => outline.setAttribute(name, value));
      });
      const views = [boxes[0], boxes[1], ...boxes];
      [...teacher, ...student].forEach((one, i) => {
        const [top, left, bottom, right] = views[i];
        one.setAttribute("viewBox", `${left} ${top} ${right - left} ${bottom - top}`);
        const visible = i < 2 + count ? "visible" : "hidden";
        one.setAttribute("visibility", visible);
        marks[i].setAttribute("stroke", i < 2 ? "var(--fig-1)" : "var(--fig-2)");
        marks[i].setAttribute("visibility", (i < 2 ? against.includes(i) : i - 2 === now) ? visible : "hidden");
      });
      const parts = against.map((i) => `${percent(within(boxes[now], boxes[i]))} of it in crop ${i + 1}`);
      summary.textContent = `Crop ${now + 1}, ${now < GLOBAL ? "global" : "local"}, shows ` +
        `${percent(area(boxes[now]) / (HEIGHT * WIDTH))} of the photograph. The student must answer like the teacher ` +
        `on crop${against.length > 1 ? "s" : ""} ${against.map((i) => i + 1).join(" and ")}: ${parts.join(", ")}. In all ` +
        `${2 * count - 2} comparisons; patches of 16 × 16: student ${GLOBAL * PATCHES[0] + locals * PATCHES[1]}, ` +
        `teacher ${GLOBAL * PATCHES[0]}.`;
    };
    const controls = make("div", { className: "play-controls" });
    const sliders = [
      { name: "Crop of the student", min: 1, max: GLOBAL + 8, step: 1, value: chosen, shown: (x) => `${Math.min(x, GLOBAL + locals)}`,
        changed: (x) => { chosen = x; update(); } },
      { name: "Local crops", min: 0, max: 8, step: 1, value: locals, shown: (x) => `${x}`,
        changed: (x) => { locals = x; update(); } },
      { name: "Share that parts local from global", min: 0.1, max: 0.9, step: 0.05, value: border, shown: percent,
        changed: (x) => { border = x; update(); } },
    ].map((one) => slider(controls, one));
    const buttons = make("p", { className: "play-buttons" });
    button(buttons, "Other crops", () => { seed = (seed + 1) % 10000; update(); });
    button(buttons, "Start again", () => {
      [border, locals, seed, chosen] = START;
      [chosen, locals, border].forEach((value, i) => sliders[i].set(value));
      update();
    });
    box.append(picture, controls, buttons, summary);
    keep(box, "crops", () => [border, locals, seed, chosen]);
    update();
  };
  globalThis.bookPlay.widgets.crops = { core: { pair }, mount };
})();
