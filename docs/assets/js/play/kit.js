/* What the living figures share: parts of a drawing, sliders and buttons that a keyboard reaches and
   a screen reader reads out, and their state in the page's address. A widget is a file beside this
   one, `bookPlay.widgets.NAME = {core, mount}`: `core` only computes, and a test holds it against
   the package; `mount` draws into an element, may assume a browser, and is given the figure whose drawing
   it replaces, for what that shows. */
(() => {
  "use strict";
  const draw = (tag, attributes = {}, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  let numbered = 0;

  /* A range with its name before it and its value behind it; `shown` writes the value in words. */
  const slider = (box, { name, min, max, step, value, shown, changed }) => {
    const id = `play-${(numbered += 1)}`;
    const input = make("input", { type: "range", id, min, max, step, value });
    const output = make("output", { htmlFor: id });
    const write = (exact = Number(input.value)) => { /* a range knows its steps alone */
      const text = shown(exact);
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    };
    input.addEventListener("input", () => { write(); changed(Number(input.value)); });
    box.append(make("p", { className: "play-slider" },
      make("label", { htmlFor: id, textContent: name }), input, output));
    write(value);
    return { set: (next) => { input.value = next; write(next); } };
  };
  const button = (box, name, pressed) => {
    const element = make("button", { type: "button", textContent: name });
    element.addEventListener("click", pressed);
    box.append(element);
    return element;
  };
  const choice = (box, name, changed) => {
    const input = make("input", { type: "checkbox", className: "play-choice" });
    input.addEventListener("change", () => changed(input.checked));
    box.append(make("label", {}, input, ` ${name}`));
    return input;
  };

  /* The state as numbers in the address: what is sent to another person opens as it was left. */
  const parameter = (name) => `play-${name}`;
  const recall = (name, count) => {
    const kept = new URLSearchParams(location.search).get(parameter(name));
    const numbers = kept === null ? [] : kept.split(",").map(Number);
    return numbers.length === count && numbers.every(Number.isFinite) ? numbers : null;
  };
  const keep = (box, name, numbers) => {
    let waiting;
    const write = () => {
      const address = new URL(location.href);
      address.searchParams.set(parameter(name), numbers().map((x) => +x.toFixed(4)).join(","));
      try { history.replaceState(history.state, "", address); } catch { /* not from a folder */ }
    };
    ["input", "click", "keyup", "pointerup"].forEach((event) => box.addEventListener(event, () => {
      clearTimeout(waiting);
      waiting = setTimeout(write, 300);
    }));
  };
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const within = (value, low, high) => Math.min(Math.max(value, low), high);

  globalThis.bookPlay = { widgets: {}, kit: { draw, make, slider, button, choice, recall, keep, still, within } };
})();
