/* Before the scripts of the theme, which trust what a browser keeps: where it keeps nothing, a store
   that forgets stands in, and what was damaged or left by another version is dropped. */
(() => {
  "use strict";
  /* What the theme says of the root in the end, before there is anything to style anew for it. */
  document.documentElement.classList.replace("no-js", "js");
  document.documentElement.classList.add("js-focus-visible");
  const forgetful = () => {
    const kept = new Map();
    return {
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, value) => { kept.set(String(key), String(value)); },
      removeItem: (key) => { kept.delete(String(key)); },
      clear: () => kept.clear(),
      key: (index) => [...kept.keys()][index] ?? null,
      get length() { return kept.size; },
    };
  };
  const attributes = ["media", "scheme", "primary", "accent"];
  const isPalette = (value) => Number.isInteger(value.index) && value.index >= 0 &&
    Object.entries(value.color).every(([name, said]) =>
      attributes.includes(name) && typeof said === "string") &&
    ["default", "slate"].includes(value.color.scheme);
  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      const store = window[name];
      for (const key of Object.keys(store).filter((one) => /\.__\w+$/.test(one))) {
        try {
          const value = JSON.parse(store.getItem(key));
          if (key.endsWith(".__palette") && !isPalette(value)) throw value;
        } catch { store.removeItem(key); }
      }
    } catch { Object.defineProperty(window, name, { value: forgetful(), configurable: true }); }
  }
})();
