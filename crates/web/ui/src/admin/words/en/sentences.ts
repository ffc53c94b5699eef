/** What the server says when it refuses something needs no other words in English. */
export const sentences: [english: string, other: string][] = [];
