// Asks the device for a passkey, or for a proof of one, before a form with data-passkey is sent with the answer.
"use strict";

const able = Boolean(window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON);

// Without a challenge (signed out meanwhile, or too long ago) the form goes without an answer: the page says why.
async function ask(form) {
  const token = form.elements.csrf_token.value;
  const reply = await fetch(form.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!reply.ok || reply.headers.get("Content-Type") !== "application/json") return "";
  const options = await reply.json();
  const credential =
    form.dataset.way === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(credential.toJSON());
}

function showRefusal(form, reason) {
  const refusals = [...form.querySelectorAll("[data-refusal]")];
  const refusal = refusals.find((each) => each.dataset.refusal === reason) ?? refusals.at(-1);
  for (const each of refusals) each.hidden = each !== refusal;
}

async function answer(event) {
  const form = event.currentTarget;
  event.preventDefault();
  try {
    form.elements.answer.value = await ask(form);
    form.submit();
  } catch (error) {
    showRefusal(form, error.name);
  }
}

for (const form of able ? document.querySelectorAll("[data-passkey]") : []) {
  form.hidden = false;
  form.addEventListener("submit", answer);
}
for (const notice of able ? document.querySelectorAll("[data-unable]") : []) notice.hidden = true;
