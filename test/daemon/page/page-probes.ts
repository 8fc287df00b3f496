/** What is asked of a page inside the browser; as text, because the types of a browser are not those of Node.js. */

/** The levels of the headings in their order. */
export const HEADINGS = `[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((it) => Number(it.nodeName[1]))`;

/** Elements whose text reaches over their edge, and so over what is beside them. */
export const SPILLING = `[...document.querySelectorAll('main :is(h1, h2, h3, h4, p, li, th, td, dt, dd, pre, caption)')]
  .filter((it) => it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 1 && getComputedStyle(it).display !== 'inline')
  .map((it) => it.nodeName + ': ' + it.textContent.slice(0, 60))`;

/**
 * Texts whose contrast with the ground behind them is less than 4.5, with the ratio (WCAG 2.2, 1.4.3): relative
 * luminances of the computed colours.
 */
export const POOR_CONTRASTS = String.raw`(() => {
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let it = element; it; it = it.parentElement) {
      const colour = getComputedStyle(it).backgroundColor;
      const alpha = parts(colour)[3];
      if (alpha === undefined || alpha === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('noscript')) continue;
    const [low, high] = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) poor.add(element.className + ': ' + walker.currentNode.data.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return [...poor];
})()`;
