/** Digits as pixels, 3 wide and 5 high: labels on pictures look the same on machines with and without fonts. */

/** Five rows of three bits, most significant bit at the left. */
const glyphs: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 3, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 2, 2, 2],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
  '.': [0, 0, 0, 0, 2],
  '-': [0, 0, 7, 0, 0],
  '+': [0, 2, 7, 2, 0],
  e: [2, 5, 7, 4, 3],
};

/** Pixels from the left of a text to its right end. */
export function textWidth(text: string, scale: number): number {
  return Math.max(0, text.length * 4 - 1) * scale;
}

export function textHeight(scale: number): number {
  return 5 * scale;
}

/** Draws black text with its upper left corner at (x, y); what lies outside the picture and unknown characters are left out. */
export function drawText(
  picture: { readonly pixels: Uint8Array; readonly width: number; readonly height: number },
  text: string,
  x: number,
  y: number,
  scale: number,
): void {
  Array.from(text).forEach((character, position) => {
    glyphs[character]?.forEach((bits, row) => {
      for (let column = 0; column < 3; column++) {
        if ((bits & (4 >> column)) === 0) continue;
        const left = Math.round(x) + (position * 4 + column) * scale;
        const top = Math.round(y) + row * scale;
        for (let dy = 0; dy < scale; dy++) {
          for (let dx = 0; dx < scale; dx++) {
            if (left + dx < 0 || left + dx >= picture.width || top + dy < 0 || top + dy >= picture.height) continue;
            picture.pixels.fill(
              0,
              ((top + dy) * picture.width + left + dx) * 3,
              ((top + dy) * picture.width + left + dx) * 3 + 3,
            );
          }
        }
      }
    });
  });
}
