// What the page asks of the server, and what the server tells it: snapshots of all that this operator may see, one after
// another. Each has everything, so a connection that was lost leaves nothing out.

const CSRF = document.querySelector("meta[name=csrf]").content;
const UNAUTHORIZED = 401;

/** `on.news(snapshot)`, `on.here(isConnected)`. */
export function follow(on) {
  const events = new EventSource("/desk/events");
  events.onopen = () => on.here(true);
  events.onmessage = ({ data }) => on.news(JSON.parse(data));
  events.onerror = async () => {
    on.here(false);
    // An EventSource does not tell that a login has ended.
    const answer = await fetch("/desk/api/state").catch(() => null);
    if (answer?.status === UNAUTHORIZED || answer?.redirected) {
      location.reload();
    } else if (events.readyState === EventSource.CLOSED) {
      setTimeout(() => follow(on), 1000);
    }
  };
}

/** Does something; gives what the server answers, or throws its word for what is in the way. */
export async function does(path, what = {}) {
  let answer;
  try {
    answer = await fetch(`/desk/api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": CSRF },
      body: JSON.stringify(what),
    });
  } catch {
    throw new Error("no-connection");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.status === UNAUTHORIZED) {
    location.reload();
  }
  if (!answer.ok) {
    throw new Error(told.error ?? "failed");
  }
  return told;
}

/** Ends the session. */
export async function logOut() {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: "/desk/logout" });
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "csrf", value: CSRF });
  form.append(field);
  document.body.append(form);
  form.submit();
}
