// Asks the device for a passkey, or for a proof of one, before a form with data-passkey is sent with the answer.
"use strict";

const able = Boolean(window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON);

async function ask(form) {
  const token = form.elements.csrf_token.value;
  const reply = await fetch(form.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!reply.ok) throw new Error(`refused: ${reply.status}`);
  const options = await reply.json();
  const credential =
    form.dataset.way === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(credential.toJSON());
}

async function answer(event) {
  const form = event.currentTarget;
  const refusal = form.querySelector("[data-refusal]");
  event.preventDefault();
  refusal.hidden = true;
  try {
    form.elements.answer.value = await ask(form);
    form.submit();
  } catch {
    refusal.hidden = false;
  }
}

for (const form of able ? document.querySelectorAll("[data-passkey]") : []) {
  form.hidden = false;
  form.addEventListener("submit", answer);
}
for (const notice of able ? document.querySelectorAll("[data-unable]") : []) notice.hidden = true;
