/** An SVG of the page as a PNG: its computed colours are written into a copy, since custom properties do not travel. */

const copied = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-size', 'opacity'];

/** Throws when the browser cannot make the picture. */
export async function svgPicture(svg: SVGSVGElement, title: string): Promise<Blob> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = svg.querySelectorAll('*');
  copy.querySelectorAll('*').forEach((element, index) => {
    const original = originals[index];
    if (original === undefined) return;
    const style = getComputedStyle(original);
    for (const property of copied) element.setAttribute(property, style.getPropertyValue(property));
    element.setAttribute('font-family', 'system-ui, sans-serif');
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const head = 34;
  const { width, height } = svg.getBoundingClientRect();
  const image = new Image();
  const address = URL.createObjectURL(
    new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }),
  );
  image.src = address;
  await image.decode();
  URL.revokeObjectURL(address);
  const canvas = document.createElement('canvas');
  canvas.width = width * 2;
  canvas.height = (height + head) * 2;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser cannot draw the picture. Save the CSV instead.');
  const page = getComputedStyle(document.body);
  context.scale(2, 2);
  context.fillStyle = page.backgroundColor;
  context.fillRect(0, 0, width, height + head);
  context.fillStyle = page.color;
  context.font = '600 15px system-ui, sans-serif';
  context.fillText(title, 12, 22);
  context.drawImage(image, 0, head, width, height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('This browser cannot make a PNG. Save the CSV instead.'));
      else resolve(blob);
    }, 'image/png'),
  );
}
