/** A chart as a PNG that can stand alone: with its title and legend above it. */

interface Input {
  readonly canvas: HTMLCanvasElement;
  readonly title: string;
  readonly legend: readonly { readonly name: string; readonly colour: string; readonly dash: readonly number[] }[];
  readonly text: string;
  readonly ground: string;
}

/** Throws when the browser cannot make the picture. */
export async function chartPicture({ canvas, title, legend, text, ground }: Input): Promise<Blob> {
  const scale = canvas.width / Math.max(1, canvas.clientWidth);
  const head = 64;
  const picture = document.createElement('canvas');
  picture.width = canvas.width;
  picture.height = canvas.height + Math.round(head * scale);
  const context = picture.getContext('2d');
  if (context === null) throw new Error('This browser cannot draw the picture. Save the CSV instead.');
  context.fillStyle = ground;
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, 0, Math.round(head * scale));
  context.scale(scale, scale);
  context.fillStyle = text;
  context.font = '600 15px system-ui, sans-serif';
  context.fillText(title, 12, 24);
  context.font = '12px system-ui, sans-serif';
  let x = 12;
  for (const { name, colour, dash } of legend) {
    context.strokeStyle = colour;
    context.lineWidth = 2.5;
    context.setLineDash([...dash]);
    context.beginPath();
    context.moveTo(x, 46);
    context.lineTo(x + 24, 46);
    context.stroke();
    context.fillText(name, x + 30, 50);
    x += 46 + context.measureText(name).width;
  }
  return new Promise((resolve, reject) =>
    picture.toBlob((blob) => {
      if (blob === null) reject(new Error('This browser cannot make a PNG. Save the CSV instead.'));
      else resolve(blob);
    }, 'image/png'),
  );
}
