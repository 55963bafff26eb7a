// What the page asks of the server. What the server tells by itself comes through follow.js.

const CSRF = document.querySelector("meta[name=csrf]").content;
const UNAUTHORIZED = 401;

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
  // The login has ended, or the browser has another one now.
  if (answer.status === UNAUTHORIZED || told.error === "csrf") {
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
