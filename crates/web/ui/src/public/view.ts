import type { View } from '../api/types';
import { languageOf, setLanguage } from '../i18n/language';
import { ask } from './server';

/** What is on the screen: a view, or why there is none. `site` is there as soon as anything was. */
export type Shown = { address: string; view: View | null; error?: unknown };

export const addressNow = (): string => location.pathname + location.search;

/**
 * The view that came with the document; null without one. The text of a page is left out of the data, since it stands
 * in the document already.
 */
export function firstView(): View | null {
  const data = document.getElementById('view')?.textContent;
  if (!data) return null;
  const view: View = JSON.parse(data);
  if ('page' in view.content && view.content.page) {
    view.content.page.html = document.querySelector('.prose')?.innerHTML ?? '';
  }
  setLanguage(languageOf(view.language));
  return view;
}

export const askForView = (address: string, signal?: AbortSignal): Promise<View> =>
  ask<View>(`/api/v1/view?address=${encodeURIComponent(address)}`, signal ? { signal } : {});

/** Makes the document say what it would if it had come from the server for this view. */
export function describe(view: View): void {
  setLanguage(languageOf(view.language));
  document.title = view.title ? `${view.title} · ${view.site.title}` : view.site.title;
  document.documentElement.lang = view.language;
  setHead('meta[name=description]', 'content', view.description);
  setHead('link[rel=canonical]', 'href', view.canonical);
  setHead('meta[name=robots]', 'content', view.noindex ? 'noindex' : '');
}

function setHead(selector: string, attribute: string, value: string) {
  const found = document.head.querySelector(selector);
  if (!value) return found?.remove();
  const element = found ?? made(selector);
  element.setAttribute(attribute, value);
  document.head.append(element);
}

/** The element that `tag[name=value]` would find. */
function made(selector: string): Element {
  const [tag = '', name = '', value = ''] = selector.split(/[[=\]]/);
  const element = document.createElement(tag);
  element.setAttribute(name, value);
  return element;
}
