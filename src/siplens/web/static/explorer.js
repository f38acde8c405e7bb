// Keyboard use. Every page works without it.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr")];
  const places = { c: "/calls", f: "/findings", p: "/peers", t: "/trends", s: "/sql", o: "/" };
  let here = -1;
  let going = false;

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    all[here]?.classList.remove("here");
    here = Math.min(Math.max(here + step, 0), all.length - 1);
    all[here].classList.add("here");
    all[here].querySelector("a")?.focus({ preventScroll: true });
    all[here].scrollIntoView({ block: "nearest" });
  };
  const follow = (selector) => document.querySelector(selector)?.click();

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "q") {
      event.target.form.requestSubmit();
      event.preventDefault();
      return;
    }
    if (event.key === "Escape" && typing) typing.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (going) {
      going = false;
      if (places[event.key]) location.assign(places[event.key]);
      return;
    }
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "n") follow("a[rel=next]");
    else if (event.key === "p") follow("a[rel=prev]");
    else if (event.key === "g") going = true;
    else if (event.key === "/") {
      document.querySelector("input[type=search], #q")?.focus();
      event.preventDefault();
    }
  });

  // Evidence links open the message they name.
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView({ block: "center" });
    }
  };
  addEventListener("hashchange", open);
  open();

  // A waiver lasts 90 days unless somebody says otherwise.
  for (const day of document.querySelectorAll("input[type=date][name=until]")) {
    day.value = new Date(Date.now() + 90 * 86400000).toISOString().slice(0, 10);
  }
})();
