/**
 * The heatmaps' colours: black through violet and orange to pale yellow. Lightness in OKLab (Ottosson 2020) rises in even steps, so that equal
 * differences of value look equal, in grey and to colour-blind eyes too.
 */

/** Hue in degrees and chroma of OKLCh along the map; lightness is linear between the ends. */
const points = [
  { at: 0, hue: 285, chroma: 0 },
  { at: 0.25, hue: 295, chroma: 0.14 },
  { at: 0.5, hue: 355, chroma: 0.18 },
  { at: 0.75, hue: 410, chroma: 0.17 },
  { at: 1, hue: 465, chroma: 0.07 },
] as const;
const lightness = { low: 0.02, high: 0.97 };

/** Linear light to sRGB, clipped to the gamut, 0 to 255. */
function encode(linear: number): number {
  const clipped = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
}

function fromOklab(l: number, a: number, b: number): [number, number, number] {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    encode(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    encode(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function colourAt(t: number): [number, number, number] {
  const next = points.findIndex(({ at }) => at >= t);
  const right = points[Math.max(1, next)] ?? points[1];
  const left = points[Math.max(1, next) - 1] ?? points[0];
  const part = (t - left.at) / (right.at - left.at);
  const hue = ((left.hue + (right.hue - left.hue) * part) * Math.PI) / 180;
  const chroma = left.chroma + (right.chroma - left.chroma) * part;
  const l = lightness.low + (lightness.high - lightness.low) * t;
  return fromOklab(l, chroma * Math.cos(hue), chroma * Math.sin(hue));
}

/** 256 colours, RGB: `colourTable[3 * i + channel]`. */
export const colourTable = Uint8Array.from(Array.from({ length: 256 }, (_, i) => colourAt(i / 255)).flat());
