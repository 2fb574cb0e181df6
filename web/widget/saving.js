/** Saving and copying the conversation. */

/** The formats of a saved conversation; PDF and JSON are called so in every language. */
export const formats = (chat) => ({ txt: chat.t("save_text"), html: chat.t("save_html"), pdf: "PDF", json: "JSON" });

/** Fetch the conversation as a file and hand it to the browser, since a link cannot send the token. */
export async function saveConversation(chat, format) {
  const { session } = chat;
  try {
    const path = `/conversations/${session.kept.id}/export?format=${format}&language=${chat.language}`;
    const response = await session.api.fetch("GET", path);
    const named = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "");
    download(await response.blob(), named?.[1] ?? `lotsi.${format}`);
    chat.toast("saved");
  } catch {
    if (format !== "txt") return chat.toast("not_saved");
    download(new Blob([conversationText(chat)], { type: "text/plain" }), "lotsi.txt"); // What is on the screen is here.
    chat.toast("saved");
  }
  return undefined;
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export async function copyConversation(chat) {
  const text = conversationText(chat);
  try {
    await navigator.clipboard.writeText(text);
    chat.toast("copied");
  } catch {
    chat.toast(copyByHand(chat, text) ? "copied" : "not_copied");
  }
}

/** The old way, for a page without the permission or without HTTPS. */
function copyByHand(chat, text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "spoken";
  chat.root.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}

/** The conversation as a resident would paste it into an e-mail. */
export function conversationText(chat) {
  const senders = { resident: chat.t("you"), human: chat.t("counsellor"), bot: chat.name };
  return chat.session.messages.items.map(({ sender, text, channels = [], sources = [] }) => {
    const lines = [...channels, ...sources].map(({ line }) => line).filter(Boolean);
    return [senders[sender] ? `${senders[sender]}: ${text}` : text, ...lines].join("\n");
  }).join("\n\n");
}
