/** Safari reads what it keeps a moment after it was told to. */
const READ_WITHIN_MS = 60_000;

/** Lets the browser keep a text as a file of its own. */
export function saveFile(name: string, mediaType: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_WITHIN_MS);
}
