// What only a script can do on this page: prove trust, show one step at a time, and tell an iPad from a Mac.
// Without it the page is whole. All words are in the page; nothing is written here but what is shown and what is hidden.
"use strict";

const PATIENCE = 6000;
const QUICK_ROUNDS = 40;
const MOST_ROUNDS = 200;

(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);

  // An iPad says that it is a Mac, and no Mac has a screen to touch with several fingers.
  const ipad = one("[data-ipad]");
  if (ipad && navigator.maxTouchPoints > 1) {
    location.replace(ipad.dataset.ipad + location.hash);
    return;
  }

  // Browsers from before 2022 wait as long as they like.
  const patience = () => (AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined);

  walk();
  proof();
  localTime();

  // One step at a time. The number of the step is in the address, so that a page that is loaded again stays where it was.
  function walk() {
    const steps = all(".step");
    const progress = one("progress");
    const buttons = one(".walk");
    if (steps.length === 0) return;
    const [back, next] = all("[data-walk]", buttons);
    let current = -1;

    const asked = () => steps.findIndex((step) => "#" + step.id === location.hash);
    const show = (index, focus) => {
      if (index === current) return;
      current = index;
      steps.forEach((step, at) => { step.hidden = at !== index; });
      progress.value = index + 1;
      // Something that cannot be pressed must not keep the focus.
      back.disabled = index === 0;
      next.disabled = index === steps.length - 1;
      if (focus) {
        const heading = one("h3", steps[index]);
        heading.focus({ preventScroll: true });
        one("#steps").scrollIntoView({ block: "start" });
      }
    };
    const go = (index) => {
      history.replaceState(null, "", "#" + steps[index].id);
      show(index, true);
    };

    back.addEventListener("click", () => go(Math.max(current - 1, 0)));
    next.addEventListener("click", () => go(Math.min(current + 1, steps.length - 1)));
    addEventListener("hashchange", () => { if (asked() >= 0) show(asked(), true); });
    progress.hidden = false;
    buttons.hidden = false;
    one("#steps").classList.add("walked");
    show(Math.max(asked(), 0), false);
  }

  // Trust is proven by a WebSocket: Safari refuses one to a certificate that was merely clicked through. Other browsers
  // let it pass, but nobody comes upon the warning of this port unless by typing its address.
  function proof() {
    const panel = one("#proof");
    const { token, probe, hub } = panel.dataset;
    const again = one("[data-again]", panel);
    const path = "/probe/" + encodeURIComponent(token);
    let running = false;
    let rounds = 0;
    let moment = 0;
    let timer;
    let done = false;

    const say = (verdict, origin) => {
      panel.hidden = false;
      for (const told of all("[data-verdict]", panel)) {
        const fits = told.dataset.verdict === verdict && (!origin || told.dataset.origin === origin);
        // What is said already is not said anew, or a screen reader would repeat it at every round.
        if (told.hidden === fits) told.hidden = !fits;
      }
      again.hidden = !["paused", "gone", "unreachable"].includes(verdict);
      document.documentElement.dataset.proof = verdict;
    };

    const requested = async (origin) => {
      try {
        const answer = await fetch("https://" + origin + path, {
          cache: "no-store", credentials: "omit", mode: "cors", signal: patience(),
        });
        return answer.ok;
      } catch {
        return false;
      }
    };

    const connected = (origin) => new Promise((resolve) => {
      let socket;
      try {
        socket = new WebSocket("wss://" + origin + path);
      } catch {
        resolve(false);
        return;
      }
      const end = (result) => {
        clearTimeout(limit);
        resolve(result);
        socket.close();
      };
      const limit = setTimeout(() => end(false), PATIENCE);
      socket.addEventListener("message", (event) => end(event.data === "trusted"));
      socket.addEventListener("error", () => end(false));
      socket.addEventListener("close", () => end(false));
    });

    // What the server saw of us since a moment: a browser does not tell a script why a connection failed.
    const seen = async () => {
      const answer = await fetch("/visit/" + encodeURIComponent(token) + "?since=" + moment, {
        cache: "no-store", signal: patience(),
      });
      if (!answer.ok) throw new Error("no visit");
      const visit = await answer.json();
      moment = visit.moment;
      return visit;
    };

    const judge = async () => {
      try {
        // What another window of this browser did before is not ours.
        if (moment === 0) await seen();
      } catch {
        return ["gone"];
      }
      const [page, socket] = await Promise.all([requested(probe), connected(probe)]);
      if (socket) return ["trusted"];
      if (page) return ["bypassed"];
      let visit;
      try {
        visit = await seen();
      } catch {
        return ["gone"];
      }
      if (!visit.connection) return ["unreachable"];
      for (const { dataset } of all("[data-verdict=earlier]", panel)) {
        if (await connected(dataset.origin)) return ["earlier", dataset.origin];
      }
      return [visit.fetched ? "taken" : "not-yet"];
    };

    const round = async () => {
      clearTimeout(timer);
      if (running || done) return;
      if (document.hidden) return;
      running = true;
      const [verdict, origin] = await judge();
      running = false;
      rounds += 1;
      if (verdict === "trusted") {
        done = true;
        say(verdict);
        askHub();
        return;
      }
      if (rounds >= MOST_ROUNDS) {
        say("paused");
        return;
      }
      say(verdict, origin);
      timer = setTimeout(round, rounds < QUICK_ROUNDS ? 4000 : 12000);
    };

    // The hub may be anybody's: whether it answered at all is all that is asked.
    const askHub = async () => {
      if (!hub) return;
      let says = "answers";
      try {
        await fetch(hub, {
          cache: "no-store", credentials: "omit", mode: "no-cors", signal: patience(),
        });
      } catch {
        says = "silent";
      }
      for (const told of all("[data-hub-says]", panel)) told.hidden = told.dataset.hubSays !== says;
    };

    const anew = () => {
      rounds = 0;
      round();
    };
    // Somebody who comes back from Settings wants to know at once.
    document.addEventListener("visibilitychange", () => { if (!document.hidden) anew(); });
    addEventListener("pageshow", (event) => { if (event.persisted) anew(); });
    again.addEventListener("click", () => {
      say("checking");
      anew();
    });
    say("checking");
    round();
  }

  // The clock of the page is that of its reader.
  function localTime() {
    const line = one("[data-until]");
    const until = new Date(line.dataset.until);
    const time = one("time", line);
    if (time && !Number.isNaN(until.getTime())) {
      time.textContent = until.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    }
  }
})();
