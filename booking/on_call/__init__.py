"""Who is on call, and telling them when a patient may be in danger."""
