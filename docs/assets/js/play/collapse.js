/* BYOL taken apart: recorded runs, a step at a time, with predictor, stop-gradient and slow target
   as switches. The numbers are read from the drawing whose place this takes. */
(() => {
  "use strict";
  /* The points of a line as an SVG path writes them, in the units of two axes. An axis is two of its
     ticks, [place, value] each. */
  const read = (path, across, up) => {
    const places = path.match(/-?\d+(\.\d+)?/g).map(Number);
    const scaled = ([[from, low], [to, high]], place) => low + ((place - from) * (high - low)) / (to - from);
    return {
      steps: places.filter((_, i) => i % 2 === 0).map((place) => scaled(across, place)),
      values: places.filter((_, i) => i % 2 === 1).map((place) => scaled(up, place)),
    };
  };

  /* Each panel of the drawing: its label, how high it goes, and for every name of the legend its lines,
     mean and seeds. */
  const panels = (svg) => {
    const style = (path, name) => path.getAttribute("style").match(`${name}: ([^;]+)`)?.[1];
    const axes = (text) => style(text.previousElementSibling, "stroke") === "var(--fig-fg)";
    const ticks = [...svg.querySelectorAll("use + text")].filter(axes).map((text) => ({
      row: text.getAttribute("style").includes("text-anchor: end"),
      x: Number(text.previousElementSibling.getAttribute("x")),
      y: Number(text.previousElementSibling.getAttribute("y")),
      value: Number(text.textContent),
    }));
    const ends = (all, place) => [all[0], all.at(-1)].map((tick) => [tick[place], tick.value]);
    const steps = ends(ticks.filter((tick) => !tick.row), "x");
    const names = new Map([...svg.querySelectorAll("path + text, path + use + text")]
      .map((text) => [style(text.previousElementSibling, "stroke"), text.textContent]));
    const labels = [...svg.querySelectorAll("text[transform]")];
    return [...svg.querySelectorAll("clipPath")].map((clip, row) => {
      const frame = clip.firstElementChild;
      const top = Number(frame.getAttribute("y"));
      const bottom = top + Number(frame.getAttribute("height"));
      const up = ends(ticks.filter((tick) => tick.row && tick.y > top - 1 && tick.y < bottom + 1), "y");
      const lines = {};
      svg.querySelectorAll(`path[clip-path="url(#${clip.id})"]`).forEach((path) => {
        const color = style(path, "stroke");
        const own = (lines[names.get(color)] ??= { seeds: [], color });
        const curve = read(path.getAttribute("d"), steps, up);
        if (style(path, "stroke-opacity")) own.seeds.push(curve); else own.mean = curve;
      });
      return { label: labels[row].textContent, most: read(`0 ${top}`, steps, up).values[0], lines };
    });
  };

  const KNOWN = { /* predictor, stop-gradient, slow target */
    BYOL: "111", "no slow target": "110", "target = copy": "110", "no predictor": "011",
    "no predictor, no slow target": "010", "no stop-gradient": "100",
  };
  const [LEFT, WIDE, HIGH, GAP] = [34, 296, 118, 34];

  const mount = (box, { draw, make, slider, button, choice, recall, keep, still, within }, figure) => {
    const found = panels(figure.querySelector("[role=img] svg"));
    const runs = Object.keys(found[0].lines).filter((name) => name in KNOWN);
    const steps = found[0].lines.BYOL.mean.steps.map(Math.round);
    const [first, last] = [steps[0], steps.at(-1)];
    const kept = recall("collapse", 4) ?? [1, 1, 1, last];
    const on = kept.slice(0, 3).map(Boolean);
    let place = steps.reduce((best, step, i) => (step <= kept[3] ? i : best), 0);
    let running = null;
    const x = (step) => LEFT + (WIDE * step) / last;
    const y = (row, value) => 18 + row * (HIGH + GAP) + HIGH * (1 - value / found[row].most);
    const path = (row, { values }, attributes) => draw("path", {
      d: values.map((value, i) => `${i ? "L" : "M"}${x(steps[i])} ${y(row, value)}`).join(" "), fill: "none", ...attributes,
    });
    const words = (text, x, y, anchor = "start") => draw("text", { x, y, "text-anchor": anchor, class: "play-text" }, text);
    const strong = Object.fromEntries(runs.map((run) => [run, []]));
    const parts = found.flatMap(({ label, most, lines }, row) => {
      const unit = most > 10 ? 50 : most > 1.5 ? 2 : 1;
      return [
        draw("path", { d: `M${LEFT} ${y(row, most)} V${y(row, 0)} H${LEFT + WIDE}`, class: "play-axis" }),
        words(label, LEFT + 6, y(row, most) - 4),
        ...[0, unit].map((value) => words(value, LEFT - 6, y(row, value) + 4, "end")),
        ...runs.map((run) => path(row, lines[run].mean, { stroke: "var(--fig-fg)", opacity: 0.3 })),
        ...runs.map((run) => {
          const { mean, seeds, color } = lines[run];
          strong[run].push(draw("g", { stroke: color }, ...seeds.map((curve) => path(row, curve, { opacity: 0.6 })),
            path(row, mean, { "stroke-width": 3 })));
          return strong[run].at(-1);
        }),
      ];
    });
    const cursor = draw("line", { y1: 18, y2: y(1, 0), stroke: "var(--fig-fg)", "stroke-dasharray": "3 3" });
    const dots = found.map(() => draw("circle", { r: 5, fill: "var(--fig-fg)" }));
    const picture = draw("svg", { viewBox: `0 0 340 ${y(1, 0) + 22}`, "aria-hidden": "true", class: "play-tall" }, ...parts, cursor, ...dots,
      words(`step ${first}`, x(first), y(1, 0) + 17), words(last, x(last), y(1, 0) + 17, "end"));
    const summary = make("p", { className: "play-summary" });
    summary.setAttribute("role", "status");
    const update = () => {
      const [predictor, stop, slow] = on;
      switches[2].disabled = !stop;
      const run = runs.find((name) => KNOWN[name] === `${+predictor}${+stop}${+(slow && stop)}`);
      runs.forEach((name) => strong[name].forEach((group) => { group.style.display = name === run ? "" : "none"; }));
      [cursor, ...dots].forEach((mark) => { mark.style.display = run ? "" : "none"; });
      if (!run) {
        summary.textContent = "This run was not recorded here. Without a predictor the stop-gradient only halves the " +
          "gradient, so the two without it go alike.";
        return;
      }
      const values = found.map(({ lines }) => lines[run].mean.values[place]);
      values.forEach((value, row) => {
        dots[row].setAttribute("cx", x(steps[place]));
        dots[row].setAttribute("cy", y(row, value));
      });
      ["x1", "x2"].forEach((end) => cursor.setAttribute(end, x(steps[place])));
      const told = found.map(({ label, most }, row) => `${label} ${values[row].toFixed(most > 10 ? 1 : 2)}`);
      summary.textContent = `${run === "BYOL" ? run : `BYOL, ${run}`}, step ${steps[place]}: ${told.join(", ")}. ` +
        (values[0] < 0.15 ? "Collapse: the answers to all images are nearly one."
          : values[0] < 0.6 ? "The answers to different images have drawn together." : "The answers differ from image to image.") +
        (stop ? "" : " The target is the online network itself.");
    };
    const controls = make("div", { className: "play-controls" });
    const stepper = slider(controls, {
      name: "Step of training", min: first, max: last, step: steps[1] - first, value: steps[place],
      shown: (step) => `${step}`, changed: (step) => { place = steps.indexOf(step); update(); },
    });
    const buttons = make("p", { className: "play-buttons" });
    const switches = ["predictor", "stop-gradient", "slow target"].map((name, i) => {
      const input = choice(buttons, name, (now) => { on[i] = now; update(); });
      input.checked = on[i];
      return input;
    });
    const go = (to) => { place = within(to, 0, steps.length - 1); stepper.set(steps[place]); update(); };
    const halt = () => { clearInterval(running); running = null; play.textContent = "Play"; };
    const play = button(buttons, "Play", () => {
      if (running) { halt(); return; }
      if (still()) { go(steps.length - 1); return; }
      go(0);
      play.textContent = "Pause";
      running = setInterval(() => { go(place + 1); if (place === steps.length - 1) halt(); }, 4500 / steps.length);
    });
    box.append(picture, controls, buttons, summary);
    keep(box, "collapse", () => [...on.map(Number), steps[place]]);
    update();
  };
  globalThis.bookPlay.widgets.collapse = { core: { read }, mount };
})();
