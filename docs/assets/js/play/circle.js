/* Points on a circle under NT-Xent: drag them, see who pulls whom, let the loss move them. */
(() => {
  "use strict";
  /* The loss of simclr_loss for 2N unit vectors given by their angles, first views then second ones,
     its gradient by angle, and the softmax rows. With `interleaved`, the pairs are mistaken for
     neighbors in the list, a common bug of the labels. */
  const ntXent = (angles, temperature, interleaved = false) => {
    const count = angles.length;
    const partner = (i) => (interleaved ? (i % 2 ? i - 1 : i + 1) % count : (i + count / 2) % count);
    const gradient = new Array(count).fill(0);
    const rows = [];
    let loss = 0;
    for (let i = 0; i < count; i += 1) {
      const logits = angles.map((angle) => Math.cos(angles[i] - angle) / temperature);
      const highest = Math.max(...logits.filter((_, j) => j !== i));
      const parts = logits.map((logit, j) => (j === i ? 0 : Math.exp(logit - highest)));
      const sum = parts.reduce((total, part) => total + part, 0);
      const row = parts.map((part) => part / sum);
      rows.push(row);
      loss += (highest + Math.log(sum) - logits[partner(i)]) / count;
      for (let j = 0; j < count; j += 1) {
        if (j === i) continue;
        const pull = (row[j] - (j === partner(i) ? 1 : 0)) / (count * temperature);
        const slope = Math.sin(angles[i] - angles[j]); /* minus the cosine's derivative by angle i */
        gradient[i] -= pull * slope;
        gradient[j] += pull * slope;
      }
    }
    return { loss, gradient, rows };
  };

  const PAIRS = 6; /* and the angles at which the run of the page begins, which the drawing shows */
  const START = [3.94, 4.19, 0.68, 4.56, 5.96, 0.18, 1.38, 3.8, 0.93, 0.03, 5.69, 4.36];
  const SIZE = 300;
  const RADIUS = 108;
  const at = (angle, radius = RADIUS) =>
    [SIZE / 2 + radius * Math.cos(angle), SIZE / 2 - radius * Math.sin(angle)];

  const mount = (box, { draw, make, slider, button, choice, recall, keep, still, within }) => {
    const kept = recall("circle", 2 * PAIRS + 1);
    let angles = kept ? kept.slice(0, -1) : [...START];
    let temperature = within(kept ? kept.at(-1) : 0.5, 0.05, 2);
    let interleaved = false;
    let running = null;
    const color = (i) => `var(--fig-${1 + (i % PAIRS)})`;
    const lines = Array.from({ length: PAIRS }, (_, i) => draw("line", { stroke: color(i), "stroke-width": 1.5, opacity: 0.6 }));
    const arrows = angles.map((_, i) => draw("line", { stroke: color(i), "stroke-width": 2.5 }));
    const points = angles.map((_, i) => draw("circle", {
      r: 11, fill: i < PAIRS ? color(i) : "var(--paper)", stroke: color(i), "stroke-width": 3,
      tabindex: 0, role: "slider", class: "play-point",
      "aria-label": `image ${1 + (i % PAIRS)}, view ${i < PAIRS ? 1 : 2}`,
    }));
    const cells = angles.map((_, i) => angles.map((__, j) => draw("rect", {
      x: 26 * j, y: 26 * i, width: 24, height: 24, fill: "var(--fig-1)",
    })));
    const marks = angles.map((_, i) => draw("rect", {
      y: 26 * i, width: 24, height: 24, fill: "none", stroke: "var(--fig-2)", "stroke-width": 2.5,
    }));
    const picture = draw("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": "twelve points on a circle, two views of six images" },
      draw("circle", { cx: SIZE / 2, cy: SIZE / 2, r: RADIUS, class: "play-axis", fill: "none" }),
      ...lines, ...arrows, ...points);
    const matrix = draw("svg", { viewBox: "-3 -3 316 316", "aria-hidden": "true", class: "play-matrix" }, ...cells.flat(), ...marks);
    const grid = make("p", { textContent: "Each row is a view's guess; framed: its partner." });
    const summary = make("p", { className: "play-summary" });
    summary.setAttribute("role", "status");

    const update = (spoken = true) => {
      const { loss, gradient, rows } = ntXent(angles, temperature, interleaved);
      const steepest = Math.max(1e-9, ...gradient.map(Math.abs));
      angles.forEach((angle, i) => {
        const [x, y] = at(angle);
        points[i].setAttribute("cx", x);
        points[i].setAttribute("cy", y);
        points[i].setAttribute("aria-valuenow", Math.round((angle * 180) / Math.PI));
        points[i].setAttribute("aria-valuetext", `${Math.round((angle * 180) / Math.PI)} degrees`);
        const [x1, y1] = at(angle, RADIUS + 14);
        const length = (-0.35 * gradient[i]) / Math.max(steepest, 0.05);
        const [x2, y2] = at(angle + length, RADIUS + 14);
        Object.entries({ x1, y1, x2, y2 }).forEach(([name, value]) => arrows[i].setAttribute(name, value));
        rows[i].forEach((share, j) => cells[i][j].setAttribute("fill-opacity", share));
        const partner = interleaved ? (i % 2 ? i - 1 : i + 1) : (i + PAIRS) % (2 * PAIRS);
        marks[i].setAttribute("x", 26 * partner);
      });
      lines.forEach((line, i) => {
        const [x1, y1] = at(angles[i]);
        const [x2, y2] = at(angles[i + PAIRS]);
        Object.entries({ x1, y1, x2, y2 }).forEach(([name, value]) => line.setAttribute(name, value));
      });
      if (spoken) {
        summary.textContent = `Loss ${loss.toFixed(4)}; guessing costs ln ${2 * PAIRS - 1} = ${Math.log(2 * PAIRS - 1).toFixed(4)}.` +
          (interleaved ? " The labels call neighbors in the list a pair: the wrong points attract." : "");
      }
    };
    const step = () => {
      const { gradient } = ntXent(angles, temperature, interleaved);
      angles = angles.map((angle, i) => angle - within(1.2 * temperature * gradient[i], -0.15, 0.15));
    };
    const stop = () => {
      clearInterval(running);
      running = null;
      play.textContent = "Play";
      update();
    };
    const press = () => {
      if (running) { stop(); return; }
      if (still()) { for (let i = 0; i < 200; i += 1) step(); update(); return; }
      play.textContent = "Pause";
      let left = 400;
      running = setInterval(() => { step(); update(false); if ((left -= 1) === 0) stop(); }, 30);
    };
    points.forEach((point, i) => {
      const move = (event) => {
        const frame = picture.getBoundingClientRect();
        const x = event.clientX - frame.left - frame.width / 2;
        const y = frame.top + frame.height / 2 - event.clientY;
        angles[i] = (Math.atan2(y, x) + 2 * Math.PI) % (2 * Math.PI);
        update();
      };
      point.addEventListener("pointerdown", (event) => {
        point.setPointerCapture(event.pointerId);
        point.addEventListener("pointermove", move);
      });
      ["pointerup", "pointercancel"].forEach((name) =>
        point.addEventListener(name, () => point.removeEventListener("pointermove", move)));
      point.addEventListener("keydown", (event) => {
        const turn = { ArrowLeft: 0.1, ArrowUp: 0.1, ArrowRight: -0.1, ArrowDown: -0.1 }[event.key];
        if (turn === undefined) return;
        event.preventDefault();
        angles[i] += turn;
        update();
      });
    });
    const controls = make("div", { className: "play-controls" });
    slider(controls, {
      name: "Temperature T", min: 0.05, max: 2, step: 0.05, value: temperature,
      shown: (x) => x.toFixed(2), changed: (x) => { temperature = x; update(); },
    });
    const buttons = make("p", { className: "play-buttons" });
    const play = button(buttons, "Play", press);
    button(buttons, "Start again", () => { angles = [...START]; if (running) stop(); update(); });
    choice(buttons, "the label bug: i and i + 1 are a pair", (on) => { interleaved = on; update(); });
    box.append(make("div", { className: "play-pair" }, picture, matrix), grid, controls, buttons, summary);
    keep(box, "circle", () => [...angles, temperature]);
    update();
  };
  globalThis.bookPlay.widgets.circle = { core: { ntXent }, mount };
})();
