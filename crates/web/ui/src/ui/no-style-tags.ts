/**
 * react-aria adds a <style> tag for its pressable elements unless something with this id is already there. The content
 * security policy allows no such tag; the rule itself stands in styles/base.css.
 */
export function keepStyleTagsOut(): void {
  const id = 'react-aria-pressable-style';
  if (document.getElementById(id)) return;
  document.head.append(Object.assign(document.createElement('meta'), { id }));
}
